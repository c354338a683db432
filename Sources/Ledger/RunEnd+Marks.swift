import Metering

extension RunEnd {
    /// Bytes of text that a ledger keeps of a run's marks, one by one: more than half a million of the usual length.
    private static let mostBytesOfMarks = 64 << 20

    /// Leaves out the marks that a ledger does not keep, and says so.
    ///
    /// Their part in regions, counts and metrics stays.
    public mutating func shortenMarks() {
        var room = Self.mostBytesOfMarks
        let beyond = marks.marks.firstIndex { mark in
            room -= mark.bytes
            return room < 0
        }
        guard let first = beyond else { return }
        warnings.append(
            "The program made \(marks.marks.count) marks: all count in regions and sums, the first \(first) are kept one by one."
        )
        marks.marks.removeSubrange(first...)
    }
}

extension Mark {
    /// About as many as its text in a ledger takes.
    fileprivate var bytes: Int {
        let usual = 80
        switch event {
        case .begin(let region, let attributes):
            return usual + region.utf8.count + attributes.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count + 6 }
        case .end(let region): return usual + region.utf8.count
        case .count(let values): return usual + values.reduce(0) { $0 + $1.key.utf8.count + 20 }
        case .metric(let values): return usual + values.reduce(0) { $0 + $1.key.utf8.count + 24 }
        case .info(let facts): return usual + facts.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count + 6 }
        }
    }
}
