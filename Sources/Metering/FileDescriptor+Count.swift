import Glibc
public import SystemPackage

extension FileDescriptor {
    /// The decimal number at the start of a kernel file, read anew; allocates nothing.
    ///
    /// - Throws: what `pread` throws; `EBADMSG` where there is no number or it does not fit.
    public func readCount() throws(Errno) -> UInt64 {
        var text: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        return try unsafe withUnsafeMutableBytes(of: &text) { buffer throws(Errno) -> UInt64 in
            let length = try unsafe read(at: 0, buffer)
            var value: UInt64 = 0
            var digits = 0
            for i in 0..<length {
                let byte = unsafe buffer[i]
                guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { break }
                let (shifted, tooLong) = value.multipliedReportingOverflow(by: 10)
                let (sum, carried) = shifted.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
                guard !tooLong, !carried else { throw Errno.badMessage }
                value = sum
                digits += 1
            }
            guard digits > 0 else { throw Errno.badMessage }
            return value
        }
    }

    /// Reads from an offset into a buffer; how many bytes came.
    ///
    /// The corresponding C function is `pread`, called as such: an untyped error would be boxed, and a counter that
    /// fails at every tick must not allocate either.
    public func read(at offset: Int64, _ buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        while true {
            let count = unsafe Glibc.pread(rawValue, buffer.baseAddress, buffer.count, off_t(offset))
            guard count < 0 else { return count }
            let failure = Errno(rawValue: errno)
            guard failure == .interrupted else { throw failure }
        }
    }
}
