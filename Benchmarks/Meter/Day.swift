import Glibc
import Ledger
import Metering
import Powercap

/// A run of 24 hours at 10 Hz on virtual time: real reads of eight counters go to a real ledger, a transaction every
/// half second of the day, as the meter stores them.
struct Day {
    private static let seconds = 86_400
    private var afterFirstHour = 0.0
    private var atEnd = 0.0
    private var account: (megabytes: Double, seconds: Double) = (0, 0)

    init(_ survey: PowercapSurvey) throws {
        let folder = try CounterTree(packages: 0)
        let path = folder.root + "/day.sqlite"
        defer { for end in ["", "-wal", "-shm"] { unsafe unlink(path + end) } }
        let box = Box(try PowercapProbe(survey))
        let ledger = try LedgerFile(path: path, mode: .readWrite)
        let start = RunStart(
            id: "day",
            name: "day",
            command: ["true"],
            host: Host.read(),
            startedAt: 0,
            start: 0,
            interval: 0.1,
            writerPID: getpid()
        )
        try ledger.begin(start, channels: [box.channels])
        var stored = StreamEnd()
        var readings = [RawReading](repeating: RawReading(), count: box.channels.count)
        for half in 0..<Self.seconds * 2 {
            var trace = Trace(channels: box.channels)
            for tick in 0..<5 {
                var span = readings.mutableSpan
                try box.read(into: &span)
                let time = Int64(half * 5 + tick) * 100_000_000
                trace.before.append(time)
                trace.after.append(time + 20_000)
                // The tree's counters stand still: a load of 50 W a channel makes them move.
                for i in readings.indices { trace.columns[i].append(readings[i].raw + UInt64(time / 1000) * 50) }
            }
            try ledger.append("day", stream: 0, trace, at: &stored)
            if half == 7200 { afterFirstHour = Self.residentMegabytes }
        }
        atEnd = Self.residentMegabytes
        let used = threadCPUTime()
        let traces = try ledger.readableTraces("day").traces
        let end = Int64(Self.seconds) * 1_000_000_000 - 100_000_000
        let energy = Metering.account(traces: traces, start: 0, end: end, marks: Marks())
        guard energy.total.joules != nil else { fatalError("the bench's own day has no joules") }
        account = (Self.peakMegabytes, Double(threadCPUTime() - used) / 1e9)
    }

    var rows: [Row] {
        [
            Row("memory gained in a day at 10 Hz after its first hour", max(0, atEnd - afterFirstHour), "MB", 1),
            Row("peak memory when that day's joules are made", account.megabytes, "MB"),
            Row("CPU time to make them", account.seconds, "s"),
        ]
    }

    private static var residentMegabytes: Double { status("VmRSS:") }
    private static var peakMegabytes: Double { status("VmHWM:") }

    private static func status(_ key: String) -> Double {
        let text = FileTree(root: "").line("/proc/self/status") ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
        return (line?.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? .nan) / 1024
    }
}
