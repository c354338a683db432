/// A new id: ten characters of time in milliseconds, eight of chance, in Crockford's base 32, lower case.
///
/// Ids sort by time as text, are typed by their first characters, and never meet: 40 random bits a millisecond.
public func newID(at microseconds: Int64) -> String {
    base32(UInt64(max(0, microseconds / 1000)), digits: 10)
        + base32(UInt64.random(in: 0..<(1 << 40)), digits: 8)
}

/// An id that follows from what it stands for: the same words give the same id.
///
/// Its chance is 40 bits of the words' FNV-1a hash.
public func derivedID(at microseconds: Int64, from words: [String]) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in words.joined(separator: "\u{0}").utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return base32(UInt64(max(0, microseconds / 1000)), digits: 10)
        + base32((hash ^ hash >> 40) & (1 << 40 - 1), digits: 8)
}

private func base32(_ value: UInt64, digits: Int) -> String {
    let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz")
    return String((0..<digits).reversed().map { alphabet[Int((value >> (5 * UInt64($0))) & 31)] })
}
