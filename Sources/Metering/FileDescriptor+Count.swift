import Glibc
public import SystemPackage

extension FileDescriptor {
    /// The decimal number at the start of a kernel file, read anew; allocates nothing.
    ///
    /// Fails with what `pread` fails with, and with `EBADMSG` where there is no whole number or it does not fit: `12.5`
    /// and `1e6` are none. A result and not an error: a throw may allocate, and a counter may fail at every tick.
    public func readCount() -> Result<UInt64, Errno> {
        // Twenty digits are the most that a count has.
        var text = InlineArray<32, UInt8>(repeating: 0)
        var span = text.mutableSpan
        let length: Int
        switch read(at: 0, into: &span) {
        case .success(let count): length = count
        case .failure(let error): return .failure(error)
        }
        var value: UInt64 = 0
        var digits = 0
        while digits < length {
            let byte = span[digits]
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { break }
            let (shifted, tooLong) = value.multipliedReportingOverflow(by: 10)
            let (sum, carried) = shifted.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            guard !tooLong, !carried else { return .failure(.badMessage) }
            value = sum
            digits += 1
        }
        // A space, a line's end or a zero closes the number.
        guard digits > 0, digits == length || span[digits] <= UInt8(ascii: " ") else { return .failure(.badMessage) }
        return .success(value)
    }

    /// Reads from an offset into a span; how many bytes came.
    ///
    /// The corresponding C function is `pread`, begun anew where a signal ends it.
    public func read(at offset: Int64, into span: inout MutableSpan<UInt8>) -> Result<Int, Errno> {
        while true {
            let descriptor = rawValue
            let count = unsafe span.withUnsafeMutableBytes { buffer in
                unsafe Glibc.pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
            }
            guard count < 0 else { return .success(count) }
            let failure = errno
            guard failure == EINTR else { return .failure(Errno(rawValue: failure)) }
        }
    }
}
