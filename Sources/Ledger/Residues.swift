/// A list of numbers that lie around a common value, in the shorter of two codes.
///
///     parameter << 1 | code (variable) | base (zigzag) | the numbers less their base
///
/// Packed (code 0): the base is the smallest, the rest takes `parameter` bits each. Rice (code 1): the base is the
/// median, the rest is zigzagged and split at bit `parameter` into a quotient of ones and a remainder, which suits
/// numbers that are mostly near and seldom far (R. F. Rice, JPL Publication 79-22, 1979).
struct Residues {
    private let values: [Int64]
    private let base: Int64
    private let parameter: Int
    private let isRice: Bool
    /// The length of the numbers' bits, without base and parameter.
    let bits: Int

    /// A quotient of so many ones means that the number follows in full.
    private static let escape: UInt64 = 24

    init(_ values: [Int64]) {
        self.values = values
        guard let low = values.min(), let high = values.max() else {
            (base, parameter, isRice, bits) = (0, 0, false, 0)
            return
        }
        let width = 64 - (UInt64(bitPattern: high) &- UInt64(bitPattern: low)).leadingZeroBitCount
        let median = values.sorted()[values.count / 2]
        let far = values.map { zigzag($0 &- median) }
        // The best split lies near the logarithm of the mean.
        let mean = far.reduce(0.0) { $0 + Double($1) } / Double(far.count)
        let guess = mean < 1 ? 0 : min(62, Int(mean.exponent))
        var best = (bits: Int.max, split: 0)
        for split in max(0, guess - 2)...(guess + 1) {
            let bits = far.reduce(0) { $0 + Self.length($1, split) }
            if bits < best.bits { best = (bits, split) }
        }
        isRice = best.bits < width * values.count
        (base, parameter, bits) = isRice ? (median, best.split, best.bits) : (low, width, width * values.count)
    }

    func write(to writer: inout BitWriter) {
        writer.writeVariable(UInt64(parameter) << 1 | (isRice ? 1 : 0))
        writer.writeVariable(zigzag(base))
        for value in values {
            guard isRice else {
                writer.write(UInt64(bitPattern: value &- base), width: parameter)
                continue
            }
            let far = zigzag(value &- base)
            let quotient = min(far >> UInt64(parameter), Self.escape)
            writer.write((1 << quotient) - 1, width: Int(quotient))
            if quotient == Self.escape {
                writer.write(far, width: 64)
            } else {
                writer.write(0, width: 1)
                writer.write(far, width: parameter)
            }
        }
        writer.align()
    }

    /// The numbers; `nil` where the bytes hold no such list.
    static func read(_ count: Int, from reader: inout BitReader) -> [Int64]? {
        guard let head = reader.readVariable(), head >> 1 <= 64, let base = reader.readVariable().map(unzigzag)
        else { return nil }
        let (width, isRice) = (Int(head >> 1), head & 1 == 1)
        var values: [Int64] = []
        for _ in 0..<count {
            guard isRice else {
                guard let packed = reader.read(width: width) else { return nil }
                values.append(Int64(bitPattern: packed) &+ base)
                continue
            }
            var quotient: UInt64 = 0
            while quotient < escape {
                guard let bit = reader.read(width: 1) else { return nil }
                if bit == 0 { break }
                quotient += 1
            }
            guard let rest = reader.read(width: quotient == escape ? 64 : width) else { return nil }
            let far = quotient == escape || width >= 64 ? rest : quotient << UInt64(width) | rest
            values.append(unzigzag(far) &+ base)
        }
        reader.align()
        return values
    }

    private static func length(_ far: UInt64, _ split: Int) -> Int {
        let quotient = far >> UInt64(split)
        return quotient < escape ? Int(quotient) + 1 + split : Int(escape) + 64
    }
}
