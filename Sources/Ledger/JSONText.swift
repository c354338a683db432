/// A JSON text taken apart once: every value as its place in the bytes, in the order of the text (RFC 8259).
///
/// Comparisons read tens of thousands of records, and Foundation's decoder makes a dictionary of every object in them.
/// Here an object's members are found by their bytes, and a number or string is made only when it is asked for.
final class JSONText {
    enum Kind: UInt8 { case object, array, string, number, yes, no, null }

    struct Node {
        var kind: Kind
        /// Whether a string holds escapes.
        var isEscaped = false
        /// The value's bytes; of a string those between the quotes.
        var start: Int32
        var end: Int32
        /// The node after the value and all that it holds.
        var next: Int32 = 0
    }

    let bytes: [UInt8]
    let nodes: [Node]
    /// The last member that was found; the search for another of its object begins there, since neighbours are asked
    /// for in turn.
    private var last = (object: -1, member: 0)

    /// Takes a text apart; `nil` where it is no JSON.
    init?(_ bytes: [UInt8]) {
        var reader = JSONReader(bytes)
        guard bytes.count < Int32.max, reader.readAll() else { return nil }
        self.bytes = bytes
        nodes = reader.nodes
    }

    /// The node after a value.
    func next(_ index: Int) -> Int { Int(nodes[index].next) }

    /// The bytes of a value.
    func range(_ index: Int) -> Range<Int> { Int(nodes[index].start)..<Int(nodes[index].end) }

    /// The value of member `key` of an object; `nil` where there is none.
    func member(_ key: String, of object: Int) -> Int? {
        let first = object + 1
        let middle = last.object == object ? last.member : first
        for part in [middle..<next(object), first..<middle] {
            var index = part.lowerBound
            while index < part.upperBound {
                if matches(index, key) {
                    last = (object, index)
                    return index + 1
                }
                index = next(index + 1)
            }
        }
        return nil
    }

    /// The keys of an object, in the order of the text.
    func keys(of object: Int) -> [String] {
        var keys: [String] = []
        var index = object + 1
        while index < next(object) {
            if let key = string(index) { keys.append(key) }
            index = next(index + 1)
        }
        return keys
    }

    private func matches(_ index: Int, _ key: String) -> Bool {
        if nodes[index].isEscaped { return string(index) == key }
        let range = range(index)
        guard key.utf8.count == range.count else { return false }
        var place = range.lowerBound
        for byte in key.utf8 {
            if bytes[place] != byte { return false }
            place += 1
        }
        return true
    }
}
