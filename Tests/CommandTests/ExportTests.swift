import Foundation
import Testing

/// `wattbook export` as a site's scripts call it.
@Suite("wattbook export")
struct ExportTests {
    @Test("a run becomes lines of power and samples of joules; what cannot be exported is named")
    func formats() throws {
        var program = try Program()
        defer { program.clean() }
        let tree = try PowerTree(in: program.folder)
        program.environment = ["WATTBOOK_ROOT": tree.root.path]
        let run = try program.finish(
            program.start(
                "wattbook",
                ["run", "--quiet", "--name", "a b", "--"] + tree.driver(watts: 50, seconds: 1.2)
            )
        )
        try #require(run.status == 0, "\(run.errors)")
        let lines = try program.wattbook(
            "export",
            "last",
            "--format",
            "line-protocol",
            "--step",
            "1s",
            "--cluster",
            "fritz"
        )
        #expect(lines.status == 0 && lines.errors.isEmpty, "\(lines.errors)")
        let values = lines.output.split(separator: "\n").filter { $0.hasPrefix("cpu_power,cluster=fritz,hostname=") }
        #expect((2...3).contains(values.count) && values.allSatisfy { $0.hasSuffix("000000000") }, "\(lines.output)")
        let text = try program.wattbook("export", "last", "--format", "prometheus")
        #expect(text.output.contains("wattbook_run_energy_joules{run=\"") && text.output.contains("name=\"a b\""))
        let short = try program.wattbook("export", "last", "--format", "line-protocol", "--step", "10ms")
        #expect(short.status == 64 && short.errors.contains("--step"))
        let unknown = try program.wattbook("export", "nothing")
        #expect(unknown.status == 66 && unknown.output.isEmpty, "\(unknown.status) \(unknown.errors)")
    }
}
