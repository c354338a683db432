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

    /// A layout of values that went with the precision would be taken for its effect.
    @Test func theArmsOfAGPUDifferInPrecisionAlone() throws {
        let plan = try String(contentsOfFile: "\(Self.root)/Scripts/plans/gpu.yaml", encoding: .utf8)
        let parts = plan.components(separatedBy: "factors:")
        #expect(parts.count == 2 && parts[0].contains("--channels-last,"))
        #expect(!parts[1].contains("--channels-last"))
    }

    @Test func theyCoverWhatIsAsked() {
        let wanted = [
            "quickstart", "precision-size", "precision-batch", "frameworks", "inference", "gpu", "scaling-threads",
            "scaling-nodes",
        ]
        #expect(Set(Self.plans).isSuperset(of: wanted.map { "\($0).yaml" }))
    }
}
