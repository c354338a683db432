import Charts
import Metering
import Quantities

/// The visits of every region, in seconds since `start`, as each thread opened and closed them.
///
/// An end closes the innermost open region of that name and what was opened within it; what is open when the run
/// ends is closed there. Times are nanoseconds of the marks' clock.
func regionVisits(_ marks: Marks, start: Int64, end: Int64) -> [PowerChart.Band] {
    struct Thread: Hashable {
        var pid: Int32
        var tid: Int32
    }
    var open: [Thread: [(path: String, name: String, since: Int64)]] = [:]
    var visits: [PowerChart.Band] = []
    func close(_ region: (path: String, name: String, since: Int64), at time: Int64, depth: Int) {
        let from = Seconds(nanoseconds: max(0, region.since - start)).value
        let to = Seconds(nanoseconds: min(time, end) - start).value
        guard to > from else { return }
        visits.append(PowerChart.Band(path: region.path, from: from, to: to, depth: depth))
    }
    for mark in marks.marks.sorted(by: { $0.time < $1.time }) {
        let thread = Thread(pid: mark.pid, tid: mark.tid)
        switch mark.event {
        case .begin(let name, _):
            let parent = open[thread]?.last?.path
            open[thread, default: []].append((parent.map { $0 + "/" + name } ?? name, name, mark.time))
        case .end(let name):
            guard let stack = open[thread], let place = stack.lastIndex(where: { $0.name == name }) else { continue }
            for depth in place..<stack.count { close(stack[depth], at: mark.time, depth: depth) }
            open[thread]?.removeLast(stack.count - place)
        case .count, .metric, .info:
            continue
        }
    }
    for stack in open.values {
        for (depth, region) in stack.enumerated() { close(region, at: end, depth: depth) }
    }
    return visits.sorted { ($0.from, $0.depth, $0.path, $0.to) < ($1.from, $1.depth, $1.path, $1.to) }
}
