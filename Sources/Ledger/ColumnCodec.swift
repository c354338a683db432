/// A column of readings or times as bytes.
///
///     first value | form (1 byte) | ...
///
/// The form is the shortest of three: the differences (0); the first difference and the differences of the
/// differences (1), for what rises steadily; the distinct differences, the most frequent first, and for each reading
/// which of them it is (2), for sources that move in steps of their own, as the kernel's ticks. Arithmetic wraps, so
/// that every value of 64 bits survives.
enum ColumnCodec {
    /// A dictionary of more entries than this never pays.
    private static let mostEntries = 1024

    static func write(_ values: [UInt64], to writer: inout BitWriter) {
        guard let first = values.first else { return }
        writer.writeVariable(first)
        let steps = zip(values.dropFirst(), values).map { Int64(bitPattern: $0 &- $1) }
        guard let step = steps.first else { return }
        let simple = Residues(steps)
        let double = Residues(zip(steps.dropFirst(), steps).map { $0 &- $1 })
        let words = Words(steps, limit: min(mostEntries, steps.count / 2))
        if let words, words.bits < min(simple.bits, double.bits + 24) {
            writer.writeVariable(2)
            words.write(to: &writer)
        } else if double.bits + 24 < simple.bits {
            writer.writeVariable(1)
            writer.writeVariable(zigzag(step))
            double.write(to: &writer)
        } else {
            writer.writeVariable(0)
            simple.write(to: &writer)
        }
    }

    /// The column; `nil` where the bytes hold none of that length.
    static func read(_ count: Int, from reader: inout BitReader) -> [UInt64]? {
        guard count > 0 else { return [] }
        guard let first = reader.readVariable() else { return nil }
        guard count > 1 else { return [first] }
        switch reader.readVariable() {
        case 0: return Residues.read(count - 1, from: &reader).map { sums($0, from: first) }
        case 1:
            guard let step = reader.readVariable().map(unzigzag), let turns = Residues.read(count - 2, from: &reader)
            else { return nil }
            return sums(turns.reduce(into: [step]) { $0.append($0[$0.count - 1] &+ $1) }, from: first)
        case 2: return Words.read(count - 1, from: &reader).map { sums($0, from: first) }
        default: return nil
        }
    }

    /// A column of the first version: differences of either order, always packed.
    static func readFirstVersion(_ count: Int, from reader: inout BitReader) -> [UInt64]? {
        guard count > 0 else { return [] }
        guard let first = reader.readVariable() else { return nil }
        guard count > 1 else { return [first] }
        guard let head = reader.readVariable(), head >> 1 <= 64 else { return nil }
        var steps: [Int64] = []
        if head & 1 == 1 {
            guard let step = reader.readVariable() else { return nil }
            steps.append(unzigzag(step))
        }
        guard let lowest = reader.readVariable().map(unzigzag) else { return nil }
        while steps.count < count - 1 {
            guard let packed = reader.read(width: Int(head >> 1)) else { return nil }
            let value = Int64(bitPattern: packed) &+ lowest
            steps.append(head & 1 == 1 ? steps[steps.count - 1] &+ value : value)
        }
        reader.align()
        return sums(steps, from: first)
    }

    private static func sums(_ steps: [Int64], from first: UInt64) -> [UInt64] {
        var values = [first]
        values.reserveCapacity(steps.count + 1)
        for step in steps { values.append(values[values.count - 1] &+ UInt64(bitPattern: step)) }
        return values
    }
}

/// A list of few distinct numbers: the numbers, and the place of each in them.
private struct Words {
    private let dictionary: Residues
    private let places: Residues
    private let count: Int

    var bits: Int { dictionary.bits + places.bits + 48 }

    /// `nil` where more numbers are distinct than `limit`.
    init?(_ values: [Int64], limit: Int) {
        var frequency: [Int64: Int] = [:]
        for value in values {
            frequency[value, default: 0] += 1
            guard frequency.count <= limit else { return nil }
        }
        let entries = frequency.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
        let place = Dictionary(uniqueKeysWithValues: zip(entries, Int64(0)...))
        count = entries.count
        dictionary = Residues(entries)
        places = Residues(values.compactMap { place[$0] })
    }

    func write(to writer: inout BitWriter) {
        writer.writeVariable(UInt64(count))
        dictionary.write(to: &writer)
        places.write(to: &writer)
    }

    static func read(_ count: Int, from reader: inout BitReader) -> [Int64]? {
        guard let size = reader.readVariable(), size <= UInt64(count),
            let entries = Residues.read(Int(size), from: &reader), let places = Residues.read(count, from: &reader)
        else { return nil }
        var values: [Int64] = []
        for place in places {
            guard entries.indices.contains(Int(place)) else { return nil }
            values.append(entries[Int(place)])
        }
        return values
    }
}
