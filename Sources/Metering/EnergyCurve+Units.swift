extension Int128 {
    /// Its value as a double, for what is not negative.
    ///
    /// The conversion of the standard library is generic and takes a good part of the time of an integration.
    var asDouble: Double {
        Double(Int64(truncatingIfNeeded: self >> 64)) * 0x1p64 + Double(UInt64(truncatingIfNeeded: self))
    }
}
