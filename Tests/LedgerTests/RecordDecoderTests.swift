import Foundation
import Metering
import Testing

@testable import Ledger

/// Our decoder of records says what Foundation's says.
@Suite struct RecordDecoderTests {
    private struct Everything: Codable, Equatable {
        var words: [String: String]
        var numbers: [Double]
        var whole: [Int64]
        var small: UInt8
        var flag: Bool
        var nothing: Int?
        var nested: [[String: [Int]]]
    }

    private func decode<Value: Decodable>(_ text: String, _ type: Value.Type) throws -> Value {
        try RecordDecoder.decode(type, from: Array(text.utf8))
    }

    @Test func whatIsEncodedComesBack() throws {
        let value = Everything(
            words: ["": "", "quote\"": "a\\b\n\u{1}", "é": "\u{1F600}/", "plain": "plain"],
            numbers: [
                0, -0.0, 1.0 / 3, 1e300, -4.5e-308, .leastNonzeroMagnitude, 123456789012345, 0.1, 1e15,
                9007199254740992,
            ],
            whole: [.min, .max, 0, -1],
            small: 255,
            flag: true,
            nothing: nil,
            nested: [["a": [1, 2], "b": []], [:]]
        )
        #expect(try decode(json(value), Everything.self) == value)
        let pretty = JSONEncoder()
        pretty.outputFormatting = .prettyPrinted
        #expect(try decode(String(decoding: pretty.encode(value), as: UTF8.self), Everything.self) == value)
    }

    @Test(arguments: [
        "0.1", "1e-7", "123.456", "-12.5e3", "0.30000000000000004", "179769313486231570000", "12345678901234567",
        "4.9e-324", "1.7976931348623157e308", "100", "-0", "0.000001", "999999999999999", "9999999999999999",
    ])
    func numbersAreTheNearest(text: String) throws {
        let value = try decode(text, Double.self)
        #expect(value == Double(text) && value.sign == Double(text)?.sign)
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\"}", "{\"a\":1,}", "[1 2]", "\"open", "tru", "[1]x", "{1:2}", "[\"\\\"]", "nul", ",",
    ])
    func noJSONIsRefused(text: String) {
        #expect(throws: DecodingError.self) { try decode(text, [String: Int].self) }
        #expect(throws: DecodingError.self) { try decode(text, [Int].self) }
    }

    @Test func otherValuesAreRefused() {
        #expect(throws: DecodingError.self) { try decode("\"1\"", Int.self) }
        #expect(throws: DecodingError.self) { try decode("256", UInt8.self) }
        #expect(throws: DecodingError.self) { try decode("9223372036854775808", Int64.self) }
        #expect(throws: DecodingError.self) { try decode("1.5", Int.self) }
        #expect(throws: DecodingError.self) { try decode("-", Int.self) }
        #expect(throws: DecodingError.self) { try decode("1.2.3", Double.self) }
        #expect(throws: DecodingError.self) { try decode("{}", Everything.self) }
        #expect(throws: DecodingError.self) { try decode("\"\\x\"", String.self) }
        #expect(throws: DecodingError.self) { try decode("1", Bool.self) }
        #expect(throws: DecodingError.self) {
            try decode(String(repeating: "[", count: 100_000), [Int].self)
        }
    }

    @Test func everyCutIsRefusedWithoutATrap() throws {
        let text = Array(try json(FullRecords.end).utf8)
        #expect(try RecordDecoder.decode(RunEnd.self, from: text) == FullRecords.end)
        for length in stride(from: 0, to: text.count, by: 7) {
            #expect(throws: (any Error).self) { try RecordDecoder.decode(RunEnd.self, from: Array(text[..<length])) }
        }
    }

    @Test func manyMembersAreFoundInTurn() throws {
        let value = Dictionary(uniqueKeysWithValues: (0..<20_000).map { ("key \($0)", Double($0)) })
        #expect(try decode(json(value), [String: Double].self) == value)
    }
}
