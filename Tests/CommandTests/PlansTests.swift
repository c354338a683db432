import Foundation
import Testing

/// The plans that come with Wattbook.
@Suite struct PlansTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL.path
    private static let plans =
        (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/Scripts/plans"))?.sorted() ?? []

    @Test(arguments: plans)
    func everyPlanIsAccepted(name: String) throws {
        let program = try Program()
        defer { program.clean() }
        let wattbook = Program.folder.appendingPathComponent("wattbook").path
        let plan = "Scripts/plans/\(name)"
        let verb = name.hasPrefix("scaling") ? "scaling" : "experiment"
        let run = try program.finish(
            program.start(
                "/usr/bin/env",
                [
                    "-C", Self.root, wattbook, verb, plan, "--dry-run", "--ledger", program.path("none.sqlite"),
                ]
            )
        )
        #expect(run.status == 0, "\(run.errors)")
        // Every place is filled.
        #expect(run.output.firstMatch(of: /\{[A-Za-z_-]+\}/) == nil, "\(run.output)")
    }

    @Test func theyCoverWhatIsAsked() {
        let wanted = [
            "quickstart", "precision-size", "precision-batch", "frameworks", "inference", "gpu", "scaling-threads",
            "scaling-nodes",
        ]
        #expect(Set(Self.plans).isSuperset(of: wanted.map { "\($0).yaml" }))
    }
}
