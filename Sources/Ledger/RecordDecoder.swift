import Foundation

/// Decodes the records that ``json(_:)`` writes, several times faster than Foundation does.
///
/// NaN and infinity are words.
struct RecordDecoder: Decoder {
    private let text: JSONText
    private let index: Int
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// Decodes a value from the bytes of its JSON text.
    static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        guard let text = JSONText(bytes) else {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "It is no JSON."))
        }
        return try RecordDecoder(text, 0).decode(type)
    }

    fileprivate init(_ text: JSONText, _ index: Int) {
        self.text = text
        self.index = index
    }

    private var kind: JSONText.Kind { text.nodes[index].kind }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard kind == .object else { throw mismatch("an object") }
        return KeyedDecodingContainer(Members<Key>(text: text, object: index))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard kind == .array else { throw mismatch("an array") }
        return Elements(text: text, array: index)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    private func mismatch(_ wanted: String) -> DecodingError {
        .dataCorrupted(.init(codingPath: [], debugDescription: "The value is not \(wanted)."))
    }
}

extension RecordDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool { kind == .null }

    func decode(_ type: Bool.Type) throws -> Bool {
        guard kind == .yes || kind == .no else { throw mismatch("true or false") }
        return kind == .yes
    }

    func decode(_ type: String.Type) throws -> String {
        guard kind == .string, let string = text.string(index) else { throw mismatch("a string") }
        return string
    }

    func decode(_ type: Double.Type) throws -> Double {
        guard let number = text.number(index) else { throw mismatch("a number") }
        return number
    }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try Value(from: self)
    }

    func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }
    func decode(_ type: Int.Type) throws -> Int { try integer() }
    func decode(_ type: Int8.Type) throws -> Int8 { try integer() }
    func decode(_ type: Int16.Type) throws -> Int16 { try integer() }
    func decode(_ type: Int32.Type) throws -> Int32 { try integer() }
    func decode(_ type: Int64.Type) throws -> Int64 { try integer() }
    func decode(_ type: UInt.Type) throws -> UInt { try integer() }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try integer() }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try integer() }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try integer() }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try integer() }

    private func integer<Value: FixedWidthInteger>() throws -> Value {
        guard kind == .number, let value: Value = text.integer(index) else { throw mismatch("a whole number") }
        return value
    }
}

/// The members of an object.
private struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let text: JSONText
    let object: Int
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { text.keys(of: object).compactMap { Key(stringValue: $0) } }

    func contains(_ key: Key) -> Bool { text.member(key.stringValue, of: object) != nil }

    func decodeNil(forKey key: Key) throws -> Bool { try value(key).decodeNil() }
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try value(key).decode(type) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try value(key).decode(type) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try value(key).decode(type) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try value(key).decode(type) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try value(key).decode(type) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try value(key).decode(type) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try value(key).decode(type) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try value(key).decode(type) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try value(key).decode(type) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try value(key).decode(type) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try value(key).decode(type) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try value(key).decode(type) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try value(key).decode(type) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try value(key).decode(type) }
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value { try value(key).decode(type) }

    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        guard let index = text.member(key.stringValue, of: object), text.nodes[index].kind != .null else { return nil }
        return try RecordDecoder(text, index).decode(type)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { try value(key).container(keyedBy: type) }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try value(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { RecordDecoder(text, object) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try value(key) }

    private func value(_ key: Key) throws -> RecordDecoder {
        guard let index = text.member(key.stringValue, of: object) else {
            throw DecodingError.keyNotFound(key, .init(codingPath: [], debugDescription: "The member is missing."))
        }
        return RecordDecoder(text, index)
    }
}

/// The elements of an array.
private struct Elements: UnkeyedDecodingContainer {
    let text: JSONText
    let end: Int
    /// The element that comes next.
    private var next: Int
    private(set) var currentIndex = 0
    var codingPath: [any CodingKey] { [] }
    var isAtEnd: Bool { next >= end }

    init(text: JSONText, array: Int) {
        self.text = text
        next = array + 1
        end = text.next(array)
    }

    /// How many there are; counted anew, so that who asks often pays.
    var count: Int? {
        var (left, index) = (0, next)
        while index < end { (left, index) = (left + 1, text.next(index)) }
        return currentIndex + left
    }

    mutating func decodeNil() throws -> Bool {
        guard try peek().decodeNil() else { return false }
        _ = try element()
        return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try element().decode(type) }

    mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        try element().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try element().unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { try element() }

    private func peek() throws -> RecordDecoder {
        guard !isAtEnd else {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "The array is too short."))
        }
        return RecordDecoder(text, next)
    }

    private mutating func element() throws -> RecordDecoder {
        let decoder = try peek()
        next = text.next(next)
        currentIndex += 1
        return decoder
    }
}
