import Analysis
import Configuration
import Foundation
import Ledger
import Sites
import Testing

@testable import Allocation

private let campaign = """
    title: Glottis
    site: archer2
    campaign:
      - name: training
        evidence: unet:precision=bf16,steps=40
        instead_of: unet:precision=fp32,steps=40
        configurations: 2
        experiments: 5
        repeats: 10
    failed_share: 0.05
    contingency: 0.1
    """

private func application(_ text: String, site name: String? = "archer2", _ measured: Measured) throws -> Application {
    let site = try name.map { try SiteCatalogue(folders: []).find($0).site }
    return try Application(Request(text: text, path: "request.yaml"), site: site, ledger: measured.ledger)
}

@Suite("Applications for compute time")
struct ApplicationTests {
    @Test("the totals are jobs times arithmetic means, with failed runs and contingency apart")
    func totals() throws {
        let measured = try Measured()
        defer { measured.clean() }
        try measured.addExperiment()
        let result = try application(campaign, measured)
        // bf16 at 40 steps: 1850 s and 740 kJ on the mean, since the wiggles of the blocks cancel.
        let hours = 1850.0 / 3600
        #expect((result.lines[0].time.value - 1850).magnitude < 1e-6)
        #expect((result.campaign.nodeHours.value - 100 * hours).magnitude < 1e-9)
        #expect((result.failed.nodeHours.value - 5 * hours).magnitude < 1e-9)
        #expect((result.contingency.nodeHours.value - 10.5 * hours).magnitude < 1e-9)
        #expect((result.total.nodeHours.value - 115.5 * hours).magnitude < 1e-9)
        #expect(result.total.units == result.total.nodeHours, "1 CU is a node-hour")
        #expect((try #require(result.total.coreHours).value - 115.5 * 128 * hours).magnitude < 1e-6)
        #expect(result.total.gpuHours == nil)
        let energy = try #require(result.total.energy)
        #expect((energy.value - 115.5 * 740_000 / 3.6e6 * 1.15 * 1.1).magnitude < 1e-6)
        #expect((try #require(result.total.embodied).value - 115.5 * hours * 0.014).magnitude < 1e-9)
        #expect((try #require(result.total.location).value - energy.value * 0.21739).magnitude < energy.value * 1e-3)
        #expect(result.total.market?.value == 0)
    }

    @Test("a sum's interval holds the mean's error, the jobs' scatter, and what all of them share")
    func intervals() throws {
        let measured = try Measured()
        defer { measured.clean() }
        try measured.addExperiment()
        let total = try application(campaign, measured).lines[0].total
        // Times 1850 (1 + 0.01 {-1, 1, -2, 2}): s = 1850 × 0.01 × √(10/3), t(3) = 3.182446.
        let spread = 18.5 * (10.0 / 3).squareRoot() / 3600
        let half = 3.182446 * (100 * 100 * spread * spread / 4 + 100 * spread * spread).squareRoot()
        #expect((try #require(total.nodeHours.halfWidth) - half).magnitude < half * 1e-5)
        let energy = try #require(total.nodeEnergy)
        #expect((energy.shared - energy.value * 0.04).magnitude < energy.value * 1e-9, "calibration does not even out")
    }

    @Test("what is saved is a difference of means over pairs, with the proof that quality is kept")
    func savings() throws {
        let measured = try Measured()
        defer { measured.clean() }
        try measured.addExperiment()
        let result = try application(campaign, measured)
        let saving = try #require(result.savings.first)
        #expect((saving.saved.nodeHours.value - 100 * 1850.0 / 3600).magnitude < 1e-9)
        #expect((try #require(saving.saved.energy).value - 100 * 740_000 / 3.6e6 * 1.265).magnitude < 1e-6)
        #expect(try #require(saving.saved.nodeHours.low) > 0)
        let quality = try #require(saving.comparison?.quality)
        #expect(quality.metric == "iou" && quality.verdict == .kept)
        #expect(saving.proof.contains("kept") && saving.proof.contains("E1") && saving.proof.contains("E2"))
        let other = try #require(result.counterfactual)
        #expect((other.nodeHours.value - 2 * result.total.nodeHours.value).magnitude < 1e-9)
    }

    @Test("a size that was not measured comes from a line, and says so")
    func extrapolation() throws {
        let measured = try Measured()
        defer { measured.clean() }
        try measured.addExperiment()
        let result = try application(
            """
            title: Glottis
            campaign:
              - {name: long, evidence: "unet:precision=fp32", extrapolate: {factor: steps, to: 400}, repeats: 3}
              - {name: twice, evidence: "unet:precision=fp32,steps=40", work: 2}
            """,
            site: nil,
            measured
        )
        #expect((result.lines[0].time.value - 36_100).magnitude < 400)
        #expect(try #require(result.lines[0].time.low) < 36_100)
        #expect(result.lines[0].models.first?.contains("steps = 400") == true)
        #expect((result.lines[1].time.value - 7400).magnitude < 1e-6)
        #expect(result.limits.contains { $0.contains("twice") && $0.contains("proportional") })
        #expect(result.limits.contains { $0.contains("No site is named") })
        #expect(result.total.location == nil && result.total.units == nil)
    }

    @Test("more than was measured is said: other nodes, ten times as many, one run, Slurm's counter, one node of many")
    func limits() throws {
        let measured = try Measured()
        defer { measured.clean() }
        _ = try measured.ledger.add([
            Measured.run("a1", name: "small", seconds: 100, joules: 1e5, cores: 8, at: 1),
            Measured.run("b1", name: "wide", seconds: 3600, joules: 1e6, nodes: 4, at: 2),
            Measured.run("b2", name: "wide", seconds: 3600, joules: 1e6, nodes: 4, at: 3),
            Measured.run("c1", name: "past", seconds: 3600, joules: 4e6, nodes: 4, role: .imported, at: 4),
            Measured.run("c2", name: "past", seconds: 3600, joules: nil, nodes: 4, role: .imported, at: 5),
        ])
        let result = try application(
            """
            title: Limits
            campaign:
              - {name: one, evidence: small}
              - {name: two, evidence: wide, nodes: 40}
              - {name: three, evidence: past}
            """,
            measured
        )
        let text = result.limits.joined(separator: "\n")
        #expect(text.contains("8 processors") && text.contains("taken over unchanged"))
        #expect(text.contains("40 nodes a job, and 4 at most were measured"))
        #expect(text.contains("rests on one run"))
        #expect(text.contains("Slurm's own counter"))
        #expect(text.contains("saw one of 4 nodes"))
        #expect(text.contains("known of 1 of its 2 runs"))
        #expect((result.lines[1].job.nodeHours.value - 4).magnitude < 1e-9, "ideal: the node-hours of a job stay")
        #expect((try #require(result.lines[1].job.nodeEnergy).value - 4e6 / 3.6e6).magnitude < 1e-9)
        #expect((try #require(result.lines[2].job.nodeEnergy).value - 4e6 / 3.6e6).magnitude < 1e-9)
        #expect(result.lines[0].job.nodeHours.low == nil, "of one run no interval is made up")
    }

    @Test("without any energy the site's mean power of a node stands in, and says so")
    func standIn() throws {
        let measured = try Measured()
        defer { measured.clean() }
        _ = try measured.ledger.add([Measured.run("a1", name: "dark", seconds: 3600, joules: nil, at: 1)])
        let result = try application("{title: T, campaign: [{name: a, evidence: dark}]}", measured)
        #expect((try #require(result.total.nodeEnergy).value - 0.41).magnitude < 1e-12)
        #expect(result.limits.contains { $0.contains("mean power of a node stands in") })
    }

    @Test("the share of failed runs is counted in node-hours of past jobs")
    func failedShare() throws {
        let measured = try Measured()
        defer { measured.clean() }
        _ = try measured.ledger.add([
            Measured.run("a", seconds: 3600, joules: 1e6, nodes: 3, role: .imported, tags: ["account": "c01"], at: 1),
            Measured.run("b", seconds: 3600, joules: 1e6, nodes: 1, role: .imported, tags: ["account": "c01"], at: 2),
            Measured.run(
                "c",
                seconds: 1800,
                joules: 1e6,
                nodes: 2,
                status: 1,
                role: .imported,
                tags: ["account": "c01"],
                at: 3
            ),
            Measured.run(
                "d",
                seconds: 1800,
                joules: 1e6,
                nodes: 2,
                status: 1,
                role: .imported,
                tags: ["account": "x"],
                at: 4
            ),
        ])
        let result = try application(
            "{title: T, campaign: [{name: a, evidence: a}], failed_share: {evidence: \"tag:account=c01\"}}",
            measured
        )
        #expect(result.failedShare.share == 0.25)
        #expect(result.failedShare.evidence?.failed.count == 1)
    }

    @Test("scaling: speed-up and efficiency are ratios of means, energy is for one unit of work")
    func scaling() throws {
        let measured = try Measured()
        defer { measured.clean() }
        _ = try measured.ledger.add(
            [(1, 100.0), (2, 60.0), (4, 40.0)].enumerated().flatMap { index, point in
                (0..<3).map { turn in
                    Measured.run(
                        "s\(point.0)-\(turn)",
                        name: "n\(point.0)",
                        seconds: point.1 + Double(turn - 1),
                        joules: 1000 * Double(point.0),
                        images: 500,
                        at: index * 3 + turn
                    )
                }
            }
        )
        let text = """
            title: T
            campaign: [{name: a, evidence: n1}]
            scaling: [{name: training, kind: strong, unit: images, over: threads, points: {4: n4, 1: n1, 2: n2}}]
            """
        let rows = try #require(try application(text, measured).scaling.first).rows
        #expect(rows.map(\.size) == [1, 2, 4])
        #expect(rows[0].speedup == nil)
        #expect((try #require(rows[2].speedup).value - 2.5).magnitude < 1e-9)
        #expect((try #require(rows[2].efficiency).value - 0.625).magnitude < 1e-9)
        #expect(try #require(rows[2].efficiency?.low) < 0.625)
        #expect((try #require(rows[2].energyPerUnit).value - 8).magnitude < 1e-9)
        let weak = try application(text.replacingOccurrences(of: "strong", with: "weak"), measured).scaling[0].rows
        #expect((try #require(weak[2].efficiency).value - 2.5).magnitude < 1e-9)
        let error = #expect(throws: ConfigurationError.self) {
            try application(text.replacingOccurrences(of: "images", with: "epochs"), measured)
        }
        #expect(error?.exitCode == 65 && error?.problem.contains("epochs") == true)
    }

    @Test("the centre's own unit follows its dated rule")
    func units() throws {
        let measured = try Measured()
        defer { measured.clean() }
        _ = try measured.ledger.add([
            Measured.run("a1", name: "gpu", seconds: 7200, joules: 1e6, gpus: 4, cores: 72, at: 1)
        ])
        let result = try application("{title: T, campaign: [{name: a, evidence: gpu}]}", site: "nhr-zib", measured)
        #expect(result.total.units?.value == 1200)
        #expect(result.total.gpuHours?.value == 8)
        #expect(result.factors.sources.contains { $0.name == "Unit of account" && $0.source.contains("2026-11-23") })
        #expect(result.total.embodied == nil, "the profile gives none, and none is made up")
    }
}
