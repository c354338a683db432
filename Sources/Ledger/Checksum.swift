/// The cyclic redundancy check of 32 bits that Ethernet and zip use (polynomial 0x04C11DB7, reflected).
///
/// It finds every change that lies within 32 neighbouring bits, thus every damaged byte, and all but one in 2^32 of
/// the others.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { sum, _ in sum & 1 == 1 ? 0xEDB8_8320 ^ (sum >> 1) : sum >> 1 }
    }

    static func of(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ ($0 >> 8) }
    }
}

/// Fletcher's checksum of 16 bits, which chunks of the first version carry.
///
/// It cannot tell a byte of zeros from one of ones, which is why it was given up (J. G. Fletcher, IEEE Transactions on
/// Communications 30 (1982), 247).
func fletcher16(_ bytes: ArraySlice<UInt8>) -> UInt16 {
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in bytes {
        a = (a + UInt32(byte)) % 255
        b = (b + a) % 255
    }
    return UInt16(b << 8 | a)
}
