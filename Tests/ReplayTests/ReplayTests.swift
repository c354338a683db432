import Metering
import ProbeTestKit
import Quantities
import Replay
import Testing

@Suite("Playing a recording")
struct ReplayTests {
    private func read(_ probe: inout ReplayProbe) throws -> [UInt64] {
        var readings = [RawReading](repeating: RawReading(raw: 1), count: probe.channels.count)
        var span = readings.mutableSpan
        try probe.read(into: &span)
        return readings.map(\.raw)
    }

    private func probe(_ text: String) throws -> ReplayProbe { ReplayProbe(try Recording(text), source: "test") }

    @Test("keeps the contract of every probe")
    func contract() throws {
        let tree = try TemporaryTree()
        try tree.write("/load.trace", try FileTree(root: "").text(fixture("two-domains.trace")))
        let broken = try violations(below: tree.root) { try ReplayProbe(path: tree.root + "/load.trace") }
        #expect(broken == [])
    }

    @Test("its channels are never taken for a measurement of this machine")
    func channels() throws {
        let channels = try ReplayProbe.channels(path: fixture("two-domains.trace"))
        #expect(channels.map(\.name) == ["replay/powercap/package-0", "replay/powercap/package-0/dram"])
        #expect(channels.map(\.basis) == [.modelled, .modelled])
        #expect(channels.map(\.inTotal) == [true, true])
        #expect(channels.allSatisfy { $0.note?.contains("not measured") == true })
    }

    @Test("plays row by row, missing ones too, and goes on counting in the next round")
    func rounds() throws {
        var probe = try ReplayProbe(path: fixture("two-domains.trace"))
        var rows: [[UInt64]] = []
        for _ in 0..<11 { rows.append(try read(&probe)) }
        #expect(rows.map { $0[0] } == (0..<11).map { 1_000_000 + 8_000_000 * UInt64($0) })
        #expect(rows[2][1] == RawReading.missing && rows[7][1] == RawReading.missing)
        #expect(rows[10][1] == 10_500_000)
    }

    @Test("a counter that wraps within a round and between rounds loses nothing", arguments: 1...10)
    func wraps(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let range = UInt64.random(in: 1000...5000, using: &random)
        var count = UInt64.random(in: 0...range, using: &random)
        var steps: [UInt64] = []
        var text = "channel name=a joules_per_count=1 range=\(range) in_total=true maximum_power_w=1000\n0 \(count)\n"
        for i in 1...12 {
            steps.append(UInt64.random(in: 0...(range / 3), using: &random))
            count = (count + steps[i - 1]) % range
            text += "\(i) \(count)\n"
        }
        var probe = try probe(text)
        // Within a third of the range no step is in doubt.
        var counter = WrappingCounter(range: range, maximumRate: Double(range) / 2)
        var played: UInt64 = 0
        for read in 0..<49 {
            switch counter.step(to: try self.read(&probe)[0], at: Int64(read) * 1_000_000_000) {
            case .first: break
            case .advanced(let counts), .wrapped(let counts): played += counts
            case let other: Issue.record("\(other)")
            }
        }
        #expect(played == 4 * steps.reduce(0, +))
    }

    @Test("a counter that was set anew cannot be played on: it is missing after the first round")
    func reset() throws {
        var probe = try probe(
            "channel name=a joules_per_count=1\nchannel name=b watts_per_count=1\n0 10 5\n1 20 6\n2 3 7\n"
        )
        var rows: [[UInt64]] = []
        for _ in 0..<5 { rows.append(try read(&probe)) }
        #expect(rows.map { $0[0] } == [10, 20, 3, RawReading.missing, RawReading.missing])
        #expect(rows.map { $0[1] } == [5, 6, 7, 6, 7])
    }

    @Test("one row is played for ever")
    func oneRow() throws {
        var probe = try probe("channel name=a joules_per_count=1\n0 10\n")
        for _ in 0..<3 { #expect(try read(&probe) == [10]) }
    }

    @Test("one sample of a power is no energy, and not 0 J")
    func oneSample() throws {
        let trace = try Recording("channel name=a watts_per_count=1 in_total=true\n0 10\n").trace
        let total = account(traces: [trace], start: 0, end: 1_000_000_000, marks: Marks()).total
        #expect(total.joules == nil && total.uncertainty == nil)
    }

    @Test("the recorded load has its joules")
    func joules() throws {
        let trace = try Recording(FileTree(root: "").text(fixture("two-domains.trace"))).trace
        let energy = account(traces: [trace], start: 0, end: 1_000_000_000, marks: Marks())
        #expect(abs(try #require(energy.total.joules).value - 45) < 1e-6)
        #expect(energy.channels[1].gaps.map(\.reason) == ["missing"])
    }

    @Test("comments, empty lines and every key are read")
    func keys() throws {
        let text = """
            # recorded on a node

            channel name=node/power device=node domain=board watts_per_count=0.001 window_s=0.1 basis=measured \
            contained_in=x relative_uncertainty=0.02 update_period_s=0.1 maximum_power_w=900 source=bmc in_total=false
            -0.5 1000
            0.5 -
            """
        let trace = try Recording(text).trace
        let channel = trace.channels[0]
        #expect(channel.kind == .power(wattsPerCount: 0.001, window: Seconds(0.1)))
        #expect(channel.device == .node && channel.containedIn == "x" && !channel.inTotal)
        #expect(channel.relativeUncertainty == 0.02 && channel.maximumPower == Watts(900) && channel.source == "bmc")
        #expect(trace.before == [-500_000_000, 500_000_000])
        #expect(trace.columns == [[1000, RawReading.missing]])
    }

    @Test(
        "a line that is wrong is named with what is wrong",
        arguments: [
            ("", 1, "no row"),
            ("channel name=a joules_per_count=1\n", 1, "no row"),
            ("0 1\n", 1, "1 values for 0 channels"),
            ("channel joules_per_count=1\n0 1\n", 1, "name="),
            ("channel name=a\n0 1\n", 1, "either"),
            ("channel name=a joules_per_count=1 watts_per_count=1\n0 1\n", 1, "either"),
            ("channel name=a joules_per_count=0\n0 1\n", 1, "above 0"),
            ("channel name=a joules_per_count=nan\n0 1\n", 1, "joules_per_count"),
            ("channel name=a joules_per_count=1 in_totl=true\n0 1\n", 1, "in_totl"),
            ("channel name=a joules_per_count=1 in_total=yes\n0 1\n", 1, "in_total"),
            ("channel name=a joules_per_count=1 range=0\n0 1\n", 1, "range"),
            ("channel name=a joules_per_count=1 device=toaster\n0 1\n", 1, "device"),
            ("channel name=a name=b joules_per_count=1\n0 1\n", 1, "second name"),
            ("channel name=a joules_per_count=1\nchannel name=a joules_per_count=1\n0 1 1\n", 2, "second channel"),
            ("channel name=a joules_per_count=1\n0 1\nchannel name=b joules_per_count=1\n", 3, "after the first row"),
            ("channel name=a joules_per_count=1\n0 1\n1 2 3\n", 3, "2 values for 1 channels"),
            ("channel name=a joules_per_count=1\n1 1\n0 2\n", 3, "runs back"),
            ("channel name=a joules_per_count=1\nx 1\n", 2, "time in seconds"),
            ("channel name=a joules_per_count=1\n0 -3\n", 2, "no count"),
            ("channel name=a joules_per_count=1 range=10\n0 11\n", 2, "above the range"),
        ]
    )
    func malformed(text: String, line: Int, problem: String) {
        let error = #expect(throws: Recording.Malformed.self) { try Recording(text) }
        #expect(error?.line == line)
        #expect(error?.problem.contains(problem) == true, "\(error?.description ?? "")")
    }

    @Test("a file that is not there or is no recording is named")
    func files() throws {
        let tree = try TemporaryTree()
        try tree.write("/wrong.trace", "channel\n")
        for name in ["/nowhere.trace", "/wrong.trace"] {
            let error = #expect(throws: ProbeError.self) { try ReplayProbe.channels(path: tree.root + name) }
            #expect(error?.source == tree.root + name)
        }
    }
}
