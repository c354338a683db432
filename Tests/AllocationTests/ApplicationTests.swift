import Analysis
import Carbon
import Configuration
import Foundation
import Ledger
import Quantities
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
        var runs: [RunRecord] = []
        let points: [(threads: Int, seconds: Double)] = [(1, 100), (2, 60), (4, 40)]
        for point in points {
            for turn in 0..<3 {
                runs.append(
                    Measured.run(
                        "s\(point.threads)-\(turn)",
                        name: "n\(point.threads)",
                        seconds: point.seconds + Double(turn - 1),
                        joules: 1000 * Double(point.threads),
                        images: 500,
                        at: runs.count
                    )
                )
            }
        }
        _ = try measured.ledger.add(runs)
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
        // The centre's unit is called as the base is.
        #expect(result.unit == "core-h" && Template(.nhr).filled(with: result).markdown.contains("core-h"))
    }

    @Test("grams are those of a run's own account: the same joules and hours under the same factors")
    func sameGrams() throws {
        let measured = try Measured()
        defer { measured.clean() }
        let (seconds, joules) = (5400.0, 7.2e6)
        _ = try measured.ledger.add([Measured.run("a", name: "one", seconds: seconds, joules: joules)])
        let total = try application("{title: T, campaign: [{name: a, evidence: one}]}", measured).total
        let both = try carbonAccounts(
            joules: Joules(joules),
            uncertainty: nil,
            duration: Seconds(seconds),
            settings: SiteCatalogue(folders: []).find("archer2").site.carbonSettings()
        )
        let grams = { (amount: Amount?) throws in try #require(amount).value * 1000 }
        #expect((try grams(total.location) - both[0].operational.value).magnitude < 1e-6)
        #expect(try grams(total.market) == both[1].operational.value)
        #expect((try grams(total.embodied) - #require(both[0].embodied).value).magnitude < 1e-9)
        let embodied = try #require(total.embodied)
        #expect((embodied.shared / embodied.value - 0.6).magnitude < 1e-9, "Carbon's default, since none is stated")
    }

    @Test("a scaling experiment gives its sizes, its law and its pictures")
    func scalingExperiment() throws {
        let measured = try Measured()
        defer { measured.clean() }
        try measured.addScaling()
        let text = """
            title: T
            campaign: [{name: a, evidence: "threads:threads=1"}]
            scaling: [{name: training, experiment: threads}]
            """
        let result = try application(text, measured)
        let table = try #require(result.scaling.first)
        #expect(table.rows.map(\.size) == [1, 2, 4, 8] && table.scaling.over == "threads")
        #expect((try #require(table.rows[3].speedup).value - 1 / (0.1 + 0.9 / 8)).magnitude < 0.01)
        let law = try #require(table.law)
        #expect((law.serialFraction.value - 0.1).magnitude < 0.01)
        #expect(table.rows.allSatisfy { $0.energyPerUnit != nil }, "images, since all runs counted them")
        let page = Template(.plain).filled(with: result)
        let figures = page.blocks.compactMap { if case .figure(let figure) = $0 { figure } else { nil } }
        #expect(figures.map(\.id) == ["scaling-speed-1", "scaling-energy-1"])
        #expect(page.html.components(separatedBy: "<svg").count == 5, "each for both widths")
        #expect(page.paper.components(separatedBy: "<svg").count == 3 && page.paper.contains("counter(pages)"))
        #expect(page.markdown.contains("serial fraction of 10"))
        let absent = #expect(throws: ConfigurationError.self) {
            try application(text.replacingOccurrences(of: "experiment: threads", with: "experiment: nodes"), measured)
        }
        #expect(absent?.exitCode == 65 && absent?.line == 3)
        try measured.addExperiment()
        let other = #expect(throws: ConfigurationError.self) {
            try application(text.replacingOccurrences(of: "experiment: threads", with: "experiment: unet"), measured)
        }
        #expect(other?.exitCode == 65 && other?.problem.contains("no scaling") == true)
    }

    @Test("the intervals of several savings are wider than that of one alone")
    func family() throws {
        let measured = try Measured()
        defer { measured.clean() }
        try measured.addExperiment()
        let line = { (steps: Int) in
            "{name: a\(steps), evidence: \"unet:precision=bf16,steps=\(steps)\", "
                + "instead_of: \"unet:precision=fp32,steps=\(steps)\", repeats: 5}"
        }
        let alone = try application("{title: T, campaign: [\(line(10))]}", measured)
        let two = try application("{title: T, campaign: [\(line(10)), \(line(20))]}", measured)
        #expect(two.savings[0].saved.nodeHours.value == alone.savings[0].saved.nodeHours.value)
        let widths = try [alone, two].map { try #require($0.savings[0].saved.nodeHours.random) }
        let other = try application("{title: T, campaign: [\(line(20))]}", measured)
        let others = try [other.savings[0], two.savings[1]].map { try #require($0.saved.nodeHours.random) }
        #expect(widths[1] >= widths[0] && others[1] >= others[0])
        // One of the two is judged at half the level, the other at the whole.
        #expect(max(widths[1] / widths[0], others[1] / others[0]) > 1.2)
        #expect(Template(.plain).filled(with: two).markdown.contains("adjusted for 2 savings (Holm)"))
        #expect(!Template(.plain).filled(with: alone).markdown.contains("Holm"))
        // A factor that carries figures to other nodes is as uncertain in what is saved.
        let factor = "time_factor: {value: 0.5, low: 0.25, high: 0.75, reason: a guess}, repeats"
        let carried = try application(
            "{title: T, campaign: [\(line(10).replacingOccurrences(of: "repeats", with: factor))]}",
            measured
        )
        let saved = carried.savings[0].saved.nodeHours
        #expect(saved.shared / saved.value > 0.49 && saved.value < alone.savings[0].saved.nodeHours.value)
    }
}
