import Analysis
import Carbon
import Ledger
import Metering
import Quantities
import Reporting
import Testing

/// What monitoring systems are told of a run; all numbers are invented.
@Suite("Export to monitoring")
struct ExportTests {
    /// A run of 25 s from 17 s after a full minute, of two packages at 40 W and 20 W and a modelled memory at 5 W.
    private func run(hostname: String = "node7", ends: Bool = true) -> (RunRecord, [Trace]) {
        let begin: Int64 = 9_000_000_000
        let length: Int64 = 25_000_000_000
        var trace = Trace(channels: [
            Synthetic.channel("powercap/package-0", .cpu, basis: .measured),
            Synthetic.channel("powercap/package-1", .cpu, basis: .measured),
            Synthetic.channel("model/memory", .memory, basis: .modelled),
        ])
        for tick in 0...250 {
            let time = begin + Int64(tick) * 100_000_000
            trace.before.append(time)
            trace.after.append(time)
            for (column, watts) in [40, 20, 5].enumerated() {
                trace.columns[column].append(UInt64(tick * watts * 100_000))
            }
        }
        let marks = Marks(marks: [])
        let start = RunStart(
            id: "r1",
            name: "a \"name\"",
            command: ["true"],
            host: Synthetic.host,
            job: Job(
                scheduler: "slurm",
                id: "4711",
                node: hostname,
                processors: 2,
                onlineProcessors: 2,
                variables: ["SLURM_CLUSTER_NAME": "my cluster"]
            ),
            startedAt: 1_699_999_997_000_000,
            start: begin,
            interval: 0.1,
            writerPID: 1
        )
        let end = RunEnd(
            state: .finished,
            exitStatus: 0,
            end: begin + length,
            marks: marks,
            account: account(traces: [trace], start: begin, end: begin + length, marks: marks),
            metrics: [:],
            counts: [:],
            info: [:]
        )
        return (RunRecord(start: start, end: ends ? end : nil), [trace])
    }

    /// Lines as name with tags, value, seconds.
    private func lines(_ text: String) -> [(key: String, value: Double, time: Double)] {
        text.split(separator: "\n").compactMap { line in
            guard let cut = line.firstRange(of: " value=") else { return nil }
            let rest = line[cut.upperBound...].split(separator: " ")
            guard rest.count == 2, let value = Double(rest[0]), let time = Double(rest[1]) else { return nil }
            return (String(line[..<cut.lowerBound]), value, time / 1e9)
        }
    }

    @Test("steps of the wall clock, devices summed up, models named as such, tags escaped")
    func protocolLines() throws {
        let (record, traces) = run()
        let text = lineProtocol(record, traces: traces, step: 10_000_000_000)
        let lines = lines(text)
        #expect(lines.count == text.split(separator: "\n").count && text.hasSuffix("000000000\n"))
        // From 1,699,999,997 to 1,700,000,022: the steps at ...990, ...000, ...010, ...020.
        let tags = ",cluster=my\\ cluster,hostname=node7,type=node"
        let cpu = lines.filter { $0.key == "cpu_power\(tags)" }
        #expect(cpu.map(\.time) == [1_699_999_990, 1_700_000_000, 1_700_000_010, 1_700_000_020])
        #expect(cpu.allSatisfy { abs($0.value - 60) < 0.01 }, "\(cpu)")
        let memory = lines.filter { $0.key == "mem_power_modelled\(tags)" }
        #expect(memory.count == 4 && memory.allSatisfy { abs($0.value - 5) < 0.01 })
        #expect(lines.count == 8)
        let named = lineProtocol(record, traces: traces, step: 10_000_000_000, cluster: "a,b=c")
        #expect(named.hasPrefix("cpu_power,cluster=a\\,b\\=c,hostname=node7,"))
    }

    @Test("what is missing is left out")
    func missing() {
        var (record, traces) = run()
        // Nothing was read between the 3rd and the 13th second.
        for row in 30...130 { traces[0].columns[1][row] = RawReading.missing }
        let text = lineProtocol(record, traces: traces, step: 10_000_000_000)
        #expect(lines(text).allSatisfy { $0.value.isFinite })
        #expect(lines(text).filter { $0.key.hasPrefix("mem_power") }.count == 4)
        record = run(ends: false).0
        #expect(lineProtocol(record, traces: traces, step: 10_000_000_000).isEmpty)
        #expect(lineProtocol(run().0, traces: [], step: 10_000_000_000).isEmpty)
    }

    @Test("joules and seconds for a textfile collector")
    func prometheus() {
        let text = prometheusText([run().0, run(ends: false).0])
        let labels = #"run="r1",name="a \"name\"",host="node7",job="4711""#
        #expect(text.contains("# TYPE wattbook_run_energy_joules gauge\n"))
        let samples = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(samples.contains("wattbook_run_duration_seconds{\(labels)} 25.0"))
        let cpu = samples.first { $0.contains(#"device="cpu",basis="measured""#) }
        #expect(cpu?.hasPrefix("wattbook_run_energy_joules{\(labels),") == true)
        #expect(cpu.flatMap { Double($0.split(separator: " ").last ?? "") }.map { abs($0 - 1500) < 0.5 } == true)
        #expect(samples.contains { $0.contains(#"device="memory",basis="modelled""#) })
        #expect(samples.count { $0.hasPrefix("wattbook_run_duration_seconds") } == 1)
    }
}
