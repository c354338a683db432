internal import Glibc

/// Finds the value of `"Video Id"` in a BAGLS `.meta` file without parsing the rest of it.
///
/// A split reads tens of thousands of such files; a JSON parser took most of the time to the first step.
enum VideoID {
    private static let key: StaticString = "\"Video Id\""

    /// The value's text, quotes removed; nil where there is none.
    static func find(in meta: UnsafeRawBufferPointer) -> String? {
        guard var place = unsafe afterKey(meta) else { return nil }
        func skipSpace() { while place < meta.count, isSpace(unsafe meta[place]) { place += 1 } }
        skipSpace()
        guard place < meta.count, unsafe meta[place] == UInt8(ascii: ":") else { return nil }
        place += 1
        skipSpace()
        let isText = unsafe place < meta.count && meta[place] == UInt8(ascii: "\"")
        if isText { place += 1 }
        let start = place
        while place < meta.count, !ends(unsafe meta[place], isText) { place += 1 }
        return place > start ? unsafe String(decoding: meta[start..<place], as: UTF8.self) : nil
    }

    /// As `find(in:)`, in an array.
    static func find(in meta: [UInt8]) -> String? { unsafe meta.withUnsafeBytes { unsafe find(in: $0) } }

    /// The place behind the key; nil without it.
    private static func afterKey(_ meta: UnsafeRawBufferPointer) -> Int? {
        let length = key.utf8CodeUnitCount
        guard let start = meta.baseAddress else { return nil }
        var place = 0
        while place + length <= meta.count {
            guard let quote = unsafe memchr(start + place, Int32(UInt8(ascii: "\"")), meta.count - place) else {
                return nil
            }
            place = unsafe UnsafeRawPointer(quote) - start
            if place + length <= meta.count, unsafe memcmp(quote, key.utf8Start, length) == 0 { return place + length }
            place += 1
        }
        return nil
    }

    private static func ends(_ byte: UInt8, _ isText: Bool) -> Bool {
        if isText { return byte == UInt8(ascii: "\"") }
        return byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || isSpace(byte)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
}
