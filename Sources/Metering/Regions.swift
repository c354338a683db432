/// One region path with all its visits.
struct Region {
    /// The names from the outermost region to this one, joined with `/`.
    var path: String
    /// How often it was entered.
    var entries = 0
    /// Times between begin and end, joined where they overlap, in order; nanoseconds.
    var visits: [Range<Int64>] = []
    /// Counts that were added while it was open.
    var counts: [String: Int] = [:]
}

/// The regions of a run, in the order of first entry.
public struct Regions {
    var regions: [Region] = []
    var warnings: [String] = []
}

extension Marks {
    private struct Writer: Hashable {
        var pid: Int32
        var tid: Int32
    }

    private struct Open {
        var name: String
        /// `nil` where it is nested too deep to be followed.
        var region: Int?
        var begin: Int64
    }

    /// The deepest nesting that is followed; a forgotten `end` in a loop would otherwise make a path of every round.
    static let deepestNesting = 64

    /// Closes what processes left open at the instants at which they ended, by their ids; ns.
    ///
    /// - Returns: A warning that names it.
    public mutating func close(at ends: [Int32: Int64]) -> String? {
        var open: [Writer: [String]] = [:]
        for mark in marks where mark.time <= ends[mark.pid] ?? .min {
            let writer = Writer(pid: mark.pid, tid: mark.tid)
            if case .begin(let name, _) = mark.event { open[writer, default: []].append(name) }
            if case .end(let name) = mark.event, let depth = open[writer]?.lastIndex(of: name) {
                open[writer]?.removeSubrange(depth...)
            }
        }
        for (writer, names) in open {
            guard let end = ends[writer.pid] else { continue }
            for name in names.reversed() {
                marks.append(Mark(time: end, pid: writer.pid, tid: writer.tid, event: .end(region: name)))
            }
        }
        let paths = Set(open.values.flatMap { names in names.indices.map { names[...$0].joined(separator: "/") } })
        return paths.isEmpty ? nil : "Left open and closed where their process ended: \(Self.few(Array(paths)))."
    }

    /// A few paths that stand for all.
    private static func few(_ paths: [String]) -> String {
        paths.sorted().prefix(3).joined(separator: ", ") + (paths.count > 3 ? " and \(paths.count - 3) more" : "")
    }

    /// Follows every thread's begins and ends; what is still open is closed at `end`.
    ///
    /// An `end` of an outer region closes the inner ones too. An `end` without its `begin` is counted and left out, and
    /// so is what lies deeper than ``deepestNesting``.
    public func regions(until end: Int64) -> Regions {
        var result = Regions()
        var indices: [String: Int] = [:]
        var stacks: [Writer: [Open]] = [:]
        var unmatched = 0
        var tooDeep = 0
        var skipped: Set<Int> = []

        func close(_ open: Open, at time: Int64) {
            if let region = open.region, time > open.begin { result.regions[region].visits.append(open.begin..<time) }
        }

        for mark in marks {
            let writer = Writer(pid: mark.pid, tid: mark.tid)
            switch mark.event {
            case .begin(let name, _):
                guard stacks[writer, default: []].count < Self.deepestNesting else {
                    tooDeep += 1
                    stacks[writer, default: []].append(Open(name: name, region: nil, begin: mark.time))
                    continue
                }
                let parent = stacks[writer]?.last?.region.map { result.regions[$0].path + "/" } ?? ""
                let path = parent + name
                let index = indices[path] ?? result.regions.count
                if index == result.regions.count {
                    result.regions.append(Region(path: path))
                    indices[path] = index
                }
                result.regions[index].entries += 1
                stacks[writer, default: []].append(Open(name: name, region: index, begin: mark.time))
            case .end(let name):
                guard let depth = stacks[writer]?.lastIndex(where: { $0.name == name }) else {
                    unmatched += 1
                    continue
                }
                while let open = stacks[writer]?.popLast() {
                    close(open, at: mark.time)
                    if stacks[writer]?.count == depth { break }
                    if let region = open.region { skipped.insert(region) }
                }
            case .count(let values):
                // A recursive region may be open more than once under one path; it gets the count once.
                for index in Set(stacks[writer, default: []].compactMap(\.region)) {
                    result.regions[index].counts.merge(values, uniquingKeysWith: saturatingSum)
                }
            case .metric, .info:
                continue
            }
        }

        var open: Set<Int> = []
        for entry in stacks.values.joined() {
            close(entry, at: end)
            if let region = entry.region { open.insert(region) }
        }
        let few = { (regions: Set<Int>) in Self.few(regions.map { result.regions[$0].path }) }
        for i in result.regions.indices { result.regions[i].visits = union(result.regions[i].visits) }
        if !open.isEmpty {
            result.warnings.append(
                "Left open and closed at the run's end, as no earlier end of their process was seen: \(few(open))."
            )
        }
        if !skipped.isEmpty {
            result.warnings.append(
                "Closed by the end of a region around them: \(few(skipped))."
            )
        }
        if tooDeep > 0 {
            result.warnings.append("\(tooDeep) regions nested deeper than \(Self.deepestNesting) were left out.")
        }
        if unmatched > 0 {
            result.warnings.append("\(unmatched) end\(unmatched == 1 ? "" : "s") in the marks without a begin.")
        }
        return result
    }
}

/// The same times without overlap, in order.
func union(_ ranges: [Range<Int64>]) -> [Range<Int64>] {
    var joined: [Range<Int64>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
        if let last = joined.last, range.lowerBound <= last.upperBound {
            joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
        } else {
            joined.append(range)
        }
    }
    return joined
}
