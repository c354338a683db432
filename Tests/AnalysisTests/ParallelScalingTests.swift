import Analysis
import Ledger
import Metering
import Statistics
import Testing

/// An experiment of known scaling: no program ever ran.
private struct ScaledProgram {
    var modes: [ExperimentRecord.Scaling.Mode] = [.strong]
    var units = [1, 2, 4, 8, 16]
    var launch = ExperimentRecord.Scaling.Launch.sbatch
    /// Seconds and watts at a number of units.
    var time: (Int) -> Double = { 1000 * (0.05 + 0.95 / Double($0)) }
    var watts: (Int) -> Double = { 100 + 40 * Double($0) }
    var images: (Int) -> Int? = { _ in 3840 }
    var noise = [1, 1.01, 0.99, 1.004, 0.996]
    var failing: Set<Int> = []
    var modelled: Set<Int> = []
    /// Levels of a further factor, each with its factor of time.
    var precisions: [(String, Double)] = []

    var experiment: ExperimentRecord {
        let both = modes.count > 1 ? [ExperimentRecord.Factor(name: "scaling", levels: modes.map(\.rawValue))] : []
        let precision =
            precisions.isEmpty ? [] : [ExperimentRecord.Factor(name: "precision", levels: precisions.map(\.0))]
        return ExperimentRecord(
            id: "e",
            name: "scaled",
            createdAt: 0,
            plan: "",
            factors: precision + both + [ExperimentRecord.Factor(name: "nodes", levels: units.map { "\($0)" })],
            baseline: ["nodes": "\(units[0])"],
            repeats: noise.count,
            warmup: 0,
            order: "randomized-blocks",
            seed: 1,
            quality: nil,
            scaling: ExperimentRecord.Scaling(over: .nodes, modes: modes, launch: launch),
            warnings: []
        )
    }

    var runs: [RunRecord] {
        experiment.arms.flatMap { levels -> [RunRecord] in
            let units = Int(levels["nodes"] ?? "") ?? 0
            let slower = precisions.first { $0.0 == levels["precision"] }?.1 ?? 1
            return noise.enumerated().map { block, factor in
                // Other noise for every arm.
                let own = noise[(block * 3 + units) % noise.count] * (1 + 0.001 * Double((units * 7 + block) % 5))
                var run = SyntheticRun(id: "\(levels.sorted { $0.key < $1.key })\(block)", levels: levels, block: block)
                run.seconds = time(units) * slower * own
                run.joules = time(units) * slower * watts(units) * (2 - factor)
                run.images = images(units)
                if failing.contains(units) { run.status = 3 }
                if modelled.contains(units) { run.basis = .modelled }
                return run.record
            }
        }
    }

    func study() throws -> Study { try Analysis.study(experiment: experiment, runs: runs) }

    func table() throws -> ParallelScaling { try #require(try study().parallelScaling.first) }
}

@Suite("Scaling over nodes")
struct ParallelScalingTests {
    @Test func `a table holds the truth`() throws {
        let program = ScaledProgram()
        let table = try program.table()
        #expect(table.points.map(\.units) == [1, 2, 4, 8, 16] && table.missing.isEmpty && table.basis == .measured)
        for point in table.points.dropFirst() {
            let truth = program.time(1) / program.time(point.units)
            let low = try #require(point.speedup.low), high = try #require(point.speedup.high)
            #expect(low < truth && truth < high, "\(point)")
            #expect(abs(point.efficiency.value - point.speedup.value / Double(point.units)) < 1e-12)
        }
        #expect(table.points[0].speedup == Estimate(value: 1) && table.points[0].joulesPerImage != nil)
        let fit = try #require(table.carriedFit)
        #expect(fit.law == .amdahl && fit.line.count == 25)
        let low = try #require(fit.serialFraction.low), high = try #require(fit.serialFraction.high)
        #expect(low < 0.05 && 0.05 < high && high - low < 0.02)
        #expect(table.findings.contains { $0.contains("Amdahl's law through these times gives a serial fraction of") })
        #expect(table.findings[0].hasPrefix("16 nodes run"), "\(table.findings)")
    }

    /// (100 + 40 n)(0.05 + 0.95/n) is least at n = 6.9; of these it is 8.
    @Test func `the least energy is shown against its neighbours where it is`() throws {
        let table = try ScaledProgram().table()
        let least = try #require(table.leastEnergy)
        #expect(least.units == 8 && least.isShown && !least.isAtEdge && least.candidates == [8])
        #expect(least.neighbours.map(\.units) == [4, 16] && least.others.allSatisfy { ($0.ratio.p ?? 1) < 0.05 })
        #expect(table.findings.contains { $0.hasPrefix("Energy to solution is least at 8 nodes") })

        var flat = ScaledProgram()
        flat.watts = { 1000 / (1000 * (0.05 + 0.95 / Double($0))) }
        let hidden = try flat.table()
        let none = try #require(hidden.leastEnergy)
        #expect(!none.isShown && none.candidates == [1, 2, 4, 8, 16])
        #expect(hidden.findings.contains { $0.contains("not shown against its neighbours") }, "\(hidden.findings)")

        var rising = ScaledProgram()
        rising.watts = { 200 * Double($0) }
        let edge = try #require(try rising.table().leastEnergy)
        #expect(edge.units == 1 && edge.isShown && edge.isAtEdge)
        rising.units = [4, 8, 16]
        let text = try rising.table().findings
        #expect(text.contains { $0.contains("the fewest that were run, and it may be lower beyond") }, "\(text)")
    }

    @Test func `the smallest that could be run is the reference, and what could not is named`() throws {
        var program = ScaledProgram()
        program.failing = [1, 16]
        let study = try program.study()
        let table = try #require(study.parallelScaling.first)
        #expect(table.points.map(\.units) == [2, 4, 8] && table.points[0].speedup.value == 1)
        #expect(table.missing.map(\.units) == [1, 16] && table.missing[0].reason.contains("status 3"))
        #expect(study.warnings.contains { $0.hasPrefix("There is no figure for 1 node: ") })
        #expect(abs(try #require(table.points.last).efficiency.value - program.time(2) / program.time(8) / 4) < 0.02)
        // The universal law takes four.
        #expect(table.fits.map(\.law) == [.amdahl])
        #expect(table.findings.contains { $0.contains("it takes 4 numbers of nodes, and there are 3") })
        program.failing = [1, 4, 16]
        #expect(
            try program.table().findings.contains { $0.contains("no law is fitted") || $0.contains("No law is fitted") }
        )
    }

    @Test func `throughput that turns carries the universal law`() throws {
        var program = ScaledProgram()
        program.units = [1, 2, 4, 8, 16, 32]
        program.time = {
            let n = Double($0)
            return 1000 * (1 + 0.03 * (n - 1) + 0.004 * n * (n - 1)) / n
        }
        let table = try program.table()
        let fit = try #require(table.carriedFit)
        #expect(fit.law == .universal && table.fits.count == 2)
        let peak = try #require(fit.peakUnits)
        #expect(try #require(peak.low) < 15.6 && 15.6 < #require(peak.high), "\(peak)")
        #expect(table.findings.contains { $0.contains("throughput is largest at about 16 nodes") }, "\(table.findings)")
    }

    @Test func `weak scaling divides by the work`() throws {
        var program = ScaledProgram()
        program.modes = [.strong, .weak]
        program.images = { 100 * $0 }
        program.time = { 100 / (1 - 0.1 * Double($0 - 1) / Double($0)) }
        let study = try program.study()
        #expect(study.parallelScaling.map(\.mode) == [.strong, .weak])
        let weak = study.parallelScaling[1]
        #expect(weak.costShare == .image && weak.warnings.isEmpty)
        let last = try #require(weak.points.last)
        #expect(abs(last.efficiency.value - (1 - 0.1 * 15 / 16)) < 0.02)
        #expect(abs(last.speedup.value - 16 * last.efficiency.value) < 1e-9)
        let fit = try #require(weak.carriedFit)
        #expect(fit.law == .gustafson && abs(fit.serialFraction.value - 0.1) < 0.02)
        // The same images say that the strong arms were none, and no arm of other work is compared.
        #expect(study.parallelScaling[0].warnings.contains { $0.hasPrefix("The work is not that of strong scaling") })
        #expect(!study.comparisons.contains { $0.candidate.label.contains("weak") })
        program.images = { _ in nil }
        #expect(try program.study().parallelScaling[1].costShare == .unit)
    }

    @Test func `other factors have tables of their own`() throws {
        var program = ScaledProgram()
        program.precisions = [("fp32", 1), ("bf16", 0.5)]
        let tables = try program.study().parallelScaling
        #expect(tables.map(\.setting) == [["precision": "fp32"], ["precision": "bf16"]])
        #expect(tables.allSatisfy { $0.findings[0].hasPrefix("At precision=") })
    }

    @Test func `joules of two kinds have no least`() throws {
        var program = ScaledProgram()
        program.modelled = [4]
        let table = try program.table()
        #expect(table.leastEnergy == nil && table.basis == .mixed)
        program.modelled = Set(program.units)
        #expect(try program.table().findings.contains { $0.hasPrefix("Modelled energy to solution is least at") })
    }

    @Test func `one run a point has figures and no intervals`() throws {
        var program = ScaledProgram()
        program.noise = [1]
        let table = try program.table()
        #expect(table.points.allSatisfy { $0.speedup.low == nil } && table.leastEnergy?.isShown == false)
        #expect(table.warnings.contains { $0.contains("nothing can be said of chance") })
        #expect(table.carriedFit != nil)
    }

    @Test func `pairs of a block decide here, and not among jobs`() throws {
        var program = ScaledProgram()
        program.units = [1, 2]
        // Blocks drift by far more than arms scatter within them.
        program.noise = [1, 1.3, 0.8, 1.1, 0.9]
        let drifting = program.experiment.arms.flatMap { levels in
            program.noise.enumerated().map { block, drift in
                var run = SyntheticRun(id: "\(levels)\(block)", levels: levels, block: block)
                run.seconds = program.time(Int(levels["nodes"] ?? "") ?? 1) * drift * (1 + 0.001 * Double(block))
                if levels["nodes"] == "2" { run.seconds *= 1 + 0.002 * Double(block % 2) }
                return run.record
            }
        }
        let widths = try [ExperimentRecord.Scaling.Launch.local, .sbatch].map { launch in
            program.launch = launch
            let study = try study(experiment: program.experiment, runs: drifting)
            let speedup = try #require(study.parallelScaling.first?.points.last?.speedup)
            return try #require(speedup.high) - #require(speedup.low)
        }
        #expect(widths[0] < 0.1 * widths[1], "\(widths)")
    }
}
