/// A new id: ten characters of time in milliseconds, eight of chance, in Crockford's base 32, lower case.
///
/// Ids sort by time as text, are typed by their first characters, and never meet: 40 random bits a millisecond.
public func newID(at microseconds: Int64) -> String {
    base32(UInt64(max(0, microseconds / 1000)), digits: 10)
        + base32(UInt64.random(in: 0..<(1 << 40)), digits: 8)
}

/// The id of a run that is known elsewhere under `key`: the same every time, so that it is entered once.
///
/// Ten characters of time as of any id, eight of the key's FNV-1a hash (Fowler, Noll, Vo).
public func importedID(at microseconds: Int64, key: String) -> String {
    let hash = key.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    return base32(UInt64(max(0, microseconds / 1000)), digits: 10) + base32(hash ^ (hash >> 24), digits: 8)
}

private func base32(_ value: UInt64, digits: Int) -> String {
    let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz")
    return String((0..<digits).reversed().map { alphabet[Int((value >> (5 * UInt64($0))) & 31)] })
}
