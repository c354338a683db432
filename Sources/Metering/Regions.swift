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
struct Regions {
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
        var region: Int
        var begin: Int64
    }

    /// Follows every thread's begins and ends; what is still open is closed at `end`.
    ///
    /// An `end` of an outer region closes the inner ones too. An `end` without its `begin` is counted and left out.
    func regions(until end: Int64) -> Regions {
        var result = Regions()
        var indices: [String: Int] = [:]
        var stacks: [Writer: [Open]] = [:]
        var unmatched = 0
        var skipped: [String] = []

        func close(_ open: Open, at time: Int64) {
            if time > open.begin { result.regions[open.region].visits.append(open.begin..<time) }
        }

        for mark in marks {
            let writer = Writer(pid: mark.pid, tid: mark.tid)
            switch mark.event {
            case .begin(let name, _):
                let parent = stacks[writer]?.last.map { result.regions[$0.region].path + "/" } ?? ""
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
                    skipped.append(result.regions[open.region].path)
                }
            case .count(let values):
                // A recursive region may be open more than once under one path; it gets the count once.
                for index in Set(stacks[writer, default: []].map(\.region)) {
                    result.regions[index].counts.merge(values, uniquingKeysWith: saturatingSum)
                }
            case .metric, .info:
                continue
            }
        }

        var open: [String] = []
        for stack in stacks.values {
            for entry in stack {
                close(entry, at: end)
                open.append(result.regions[entry.region].path)
            }
        }
        for i in result.regions.indices { result.regions[i].visits = union(result.regions[i].visits) }
        if !open.isEmpty {
            result.warnings.append(
                "Left open and closed at the run's end: \(Set(open).sorted().joined(separator: ", "))."
            )
        }
        if !skipped.isEmpty {
            result.warnings.append(
                "Closed by the end of a region around them: \(Set(skipped).sorted().joined(separator: ", "))."
            )
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
