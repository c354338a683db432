/// Finds the value of `"Video Id"` in a BAGLS `.meta` file without parsing the rest of it.
///
/// A split reads tens of thousands of such files; a JSON parser took most of the time to the first step.
enum VideoID {
    private static let key = Array("\"Video Id\"".utf8)
    private static let space: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]

    /// The value's text, quotes removed; nil where there is none.
    static func find(in meta: [UInt8]) -> String? {
        guard meta.count > key.count else { return nil }
        for start in 0..<meta.count - key.count where meta[start] == key[0] && meta[start...].starts(with: key) {
            var rest = meta[(start + key.count)...].drop { space.contains($0) }
            guard rest.popFirst() == UInt8(ascii: ":") else { continue }
            rest = rest.drop { space.contains($0) }
            let isText = rest.first == UInt8(ascii: "\"")
            if isText { rest = rest.dropFirst() }
            let value = rest.prefix { byte in
                isText
                    ? byte != UInt8(ascii: "\"")
                    : byte != UInt8(ascii: ",") && byte != UInt8(ascii: "}") && !space.contains(byte)
            }
            return value.isEmpty ? nil : String(decoding: value, as: UTF8.self)
        }
        return nil
    }
}
