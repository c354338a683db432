import Analysis
import Carbon
import Ledger
import Metering
import Quantities
import Testing

/// One candidate beside a baseline.
private func compare(
    baseline: [RunRecord],
    candidate: [RunRecord],
    labels: (String, String),
    paired: Bool,
    quality: QualityCriterion?,
    idlePower: IdlePower? = nil
) throws -> Comparison {
    try Analysis.compare(
        baseline: RunGroup(label: labels.0, runs: baseline),
        candidates: [RunGroup(label: labels.1, runs: candidate)],
        paired: paired,
        criteria: Criteria(quality: quality),
        idlePower: idlePower
    )[0]
}

@Suite("Comparison")
struct CompareTests {
    let base = side("a", seconds: 20, watts: 50)

    func against(
        _ candidate: [RunRecord],
        paired: Bool = false,
        quality: QualityCriterion? = nil,
        idle: Watts? = nil
    ) throws -> Comparison {
        try compare(
            baseline: base,
            candidate: candidate,
            labels: ("fp32", "bf16"),
            paired: paired,
            quality: quality,
            idlePower: idle.map { IdlePower(watts: $0.value) }
        )
    }

    @Test(arguments: [true, false]) func `a faster run at equal power saves energy`(paired: Bool) throws {
        let noise = [1.002, 1.011, 0.987, 1.006, 0.995]
        let result = try against(side("b", seconds: 10, watts: 52, noise: noise), paired: paired)
        #expect(result.verdict == .savesEnergy)
        #expect(abs(result.speedup.value - 2) < 0.02)
        let energy = try #require(result.energyRatio)
        #expect(abs(energy.value - 0.52) < 0.01)
        #expect(try #require(energy.high) < 0.56)
        #expect(try #require(energy.p) < 1e-4)
        let saved = try #require(result.energySaved)
        #expect(saved.fraction == 1 - energy.value)
        #expect(saved.low == energy.high.map { 1 - $0 })
        #expect(abs(saved.joulesPerRun - 480) < 10)
        #expect(result.findings.mention("bf16 ran 2.000 times as fast as fp32 (1.9"))
        #expect(result.findings.mention("bf16 saved 48"))
        #expect(result.baseline.runs == 5 && result.candidate.label == "bf16")
    }

    @Test func `speed-up over green-up is power-up, to the last digits`() throws {
        let result = try against(side("b", seconds: 13.7, watts: 61))
        let energy = try #require(result.energyRatio).value
        let greenup = 1 / energy
        let power = try #require(result.powerRatio).value
        #expect(abs(power - result.speedup.value / greenup) <= 4 * power.ulp)
        #expect(power == result.speedup.value * energy)
        #expect(try #require(result.edpRatio).value == energy / result.speedup.value)
        #expect(result.findings.mention("bf16 draws 22.0 % more power while it runs"))
    }

    @Test func `a slower run costs energy`() throws {
        let result = try against(side("b", seconds: 30, watts: 50))
        #expect(result.verdict == .costsEnergy)
        #expect(result.findings.mention("bf16 took 50.0 % more energy than fp32"))
    }

    @Test func `noise shows no difference`() throws {
        let result = try against(side("b", seconds: 20.02, watts: 50, noise: [0.99, 1.01, 1.0, 0.995, 1.006]))
        #expect(result.verdict == .noDifferenceShown)
        #expect(result.findings.mention("No difference in energy is shown"))
        #expect(result.findings.mention("No difference in speed is shown"))
        #expect(result.findings.mention("No difference in CO2e is shown"))
    }

    @Test func `one run a side gives values without intervals`() throws {
        let result = try compare(
            baseline: [base[0]],
            candidate: [side("b", seconds: 10, watts: 50)[0]],
            labels: ("fp32", "bf16"),
            paired: true,
            quality: nil
        )
        #expect(result.verdict == .noDifferenceShown)
        #expect(result.energyRatio?.low == nil && result.energyRatio?.p == nil)
        #expect(result.findings.mention("One run a side can show nothing; repeat."))
    }

    @Test func `runs that do not vary have no interval`() throws {
        let flat = [1.0, 1, 1]
        let result = try compare(
            baseline: side("a", seconds: 20, watts: 50, noise: flat) { $0.joules = 1000 },
            candidate: side("b", seconds: 10, watts: 50, noise: flat) { $0.joules = 500 },
            labels: ("a", "b"),
            paired: false,
            quality: nil
        )
        #expect(result.energyRatio?.low == nil)
        #expect(result.verdict == .noDifferenceShown)
        #expect(result.findings.mention("do not vary"))
    }

    @Test func `different machine, sensors, basis and work are not comparable`() throws {
        let changes: [(String, (inout SyntheticRun) -> Void)] = [
            ("different machines", { $0.host = "node2" }),
            ("different sensors", { $0.coverage = ["test/package-0", "test/package-0/dram"] }),
            ("different bases", { $0.basis = .modelled }),
            ("the work differs", { $0.images = 3800 }),
            ("no run has joules", { $0.joules = nil }),
        ]
        for (words, change) in changes {
            var base = base
            if words == "no run has joules" { base = side("a", seconds: 20, watts: 50, change: change) }
            let candidate = side("b", seconds: 10, watts: 50, change: change)
            let result = try compare(
                baseline: base,
                candidate: candidate,
                labels: ("a", "b"),
                paired: false,
                quality: nil
            )
            #expect(result.verdict == .notComparable, "\(words)")
            #expect(result.energyRatio == nil && result.energySaved == nil && result.co2eSavedGramsPerRun == nil)
            #expect(result.findings.mention("not comparable"))
            #expect(result.findings.mention(words), "the reason is given")
        }
        // One part in a hundred is still the same work; so is the same machine after a boot.
        let near = side("b", seconds: 10, watts: 50) {
            $0.images = 3830
            $0.bootID = "another"
        }
        #expect(try against(near).verdict == .savesEnergy)
    }

    @Test func `what gross and net disagree about depends on idle`() throws {
        // 1000 J in 20 s against 900 J in 10 s: above 40 W idle that is 200 J against 500 J.
        let result = try against(side("b", seconds: 10, watts: 90), idle: Watts(40))
        #expect(result.verdict == .dependsOnIdle)
        #expect(try #require(result.netEnergyRatio).value > 2)
        #expect(result.findings.mention("only if the node is released sooner"))
        #expect(try against(side("b", seconds: 10, watts: 90)).verdict == .savesEnergy)
        #expect(try against(side("b", seconds: 10, watts: 90)).netEnergyRatio == nil)
        #expect(try against(side("b", seconds: 10, watts: 50), idle: Watts(10)).verdict == .savesEnergy)
    }

    @Test func `runs that failed or broke off are left out and named`() throws {
        var candidate = side("b", seconds: 10, watts: 50)
        candidate.append(SyntheticRun(id: "bad", seconds: 1, joules: 1, status: 3).record)
        candidate.append(SyntheticRun(id: "cut", seconds: 1, joules: 1, state: .interrupted).record)
        candidate.append(SyntheticRun(id: "open", state: .running).record)
        candidate.append(SyntheticRun(id: "warm", role: .warmup, seconds: 1, joules: 1).record)
        let result = try against(candidate)
        #expect(result.candidate.runs == 5)
        #expect(result.findings.mention("Run bad failed with status 3"))
        #expect(result.findings.mention("Run cut was interrupted"))
        #expect(result.findings.mention("Run open has not ended"))
        #expect(!result.findings.mention("warm"))
        #expect(throws: AnalysisError.self) { try against([SyntheticRun(status: 1).record]) }
    }

    @Test func `quality is kept, lost or not shown`() throws {
        let criterion = QualityCriterion(metric: "iou", higherIsBetter: true, margin: 0.01)
        let wobble = [0.001, -0.001, 0.0005, 0, -0.0005]
        let base = side("a", seconds: 20, watts: 50) { $0.metrics["iou"] = 0.79 + wobble[$0.block] }
        let judge = { (shift: Double, scale: Double, criterion: QualityCriterion) in
            let candidate = side("b", seconds: 10, watts: 50) {
                $0.metrics["iou"] = 0.79 + shift - scale * wobble[$0.block]
            }
            return try compare(
                baseline: base,
                candidate: candidate,
                labels: ("a", "b"),
                paired: true,
                quality: criterion
            ).quality
        }
        #expect(try judge(-0.001, 1, criterion)?.verdict == .kept)
        #expect(try judge(-0.03, 1, criterion)?.verdict == .lost)
        #expect(try judge(-0.001, 20, criterion)?.verdict == .notShown)
        #expect(try judge(0.03, 1, criterion)?.verdict == .kept)
        let lower = QualityCriterion(metric: "iou", higherIsBetter: false, margin: 0.01)
        #expect(try judge(0.03, 1, lower)?.verdict == .lost)
        #expect(try judge(-0.03, 1, lower)?.verdict == .kept)
        let kept = try #require(try judge(-0.001, 1, criterion))
        #expect(abs(kept.difference.value + 0.001) < 1e-12)
        #expect(try #require(kept.difference.low) > -0.01)
        #expect(try judge(0, 1, QualityCriterion(metric: "none", higherIsBetter: true, margin: 1)) == nil)
    }

    @Test func `what all readings on the same sensors share cancels in ratios and stays in grams`() throws {
        let sides = { (calibration: Double, random: Double) in
            let change = { (run: inout SyntheticRun) in (run.calibration, run.random) = (calibration, random) }
            return try compare(
                baseline: side("a", seconds: 20, watts: 50, change: change),
                candidate: side("b", seconds: 10, watts: 50, change: change),
                labels: ("a", "b"),
                paired: false,
                quality: nil
            )
        }
        let (fine, coarse) = (try sides(0.01, 0.001), try sides(0.4, 0.001))
        #expect(fine.energyRatio == coarse.energyRatio)
        #expect(fine.energySaved == coarse.energySaved)
        #expect(fine.powerRatio == coarse.powerRatio)
        let half = { (result: Comparison) in
            let grams = try #require(result.co2eSavedGramsPerRun)
            return (try #require(grams.high) - grams.value) / grams.value
        }
        // The grid's 20 % (k = 2) beside 2 % and 80 %.
        #expect(abs(try half(fine) - 0.201) < 0.01)
        #expect(abs(try half(coarse) - 0.825) < 0.01)
        // What is random in a run is no calibration, however wide the stated interval is.
        #expect(abs(try half(try sides(0.01, 0.3)) - half(fine)) < 1e-12)
    }

    @Test func `grams follow the joules and their factors`() throws {
        let result = try against(side("b", seconds: 10, watts: 50))
        let grams = try #require(result.co2eSavedGramsPerRun)
        let joules = try #require(result.energySaved).joulesPerRun
        let account = try #require(
            try carbonAccount(joules: Joules(joules), uncertainty: nil, settings: CarbonSettings(zone: "DE"))
        )
        #expect(abs(grams.value - account.total.value) < 1e-12)
        // The grid's 20 % and the sensor's 6 % (k = 2) alone are 20.9 %.
        let half = try #require(grams.high) - grams.value
        #expect(half / grams.value > 0.208 && half / grams.value < 0.25)
        #expect(result.findings.mention("gCO2e/kWh of Germany, 2025"))
        let other = side("b", seconds: 10, watts: 50) { $0.carbon = CarbonSettings(zone: "FR") }
        #expect(try against(other).co2eSavedGramsPerRun == nil)
        #expect(try against(other).findings.mention("different carbon settings"))
    }

    @Test func `grams are saved account by account`() throws {
        let settings = CarbonSettings(
            zone: "NO",
            marketIntensity: Intensity(value: GramsPerKilowattHour(600), source: "residual mix", basis: .direct),
            embodied: Embodied(gramsPerNodeHour: 40, source: "maker")
        )
        let before = side("a", seconds: 20, watts: 50) { $0.carbon = settings }
        let after = side("b", seconds: 10, watts: 50) { $0.carbon = settings }
        let result = try compare(baseline: before, candidate: after, labels: ("a", "b"), paired: true, quality: nil)
        let saved = try #require(result.carbonSaved)
        let joules = try #require(result.energySaved).joulesPerRun
        let intensity = try GridTable.standard().zone("NO").intensity.value
        #expect(abs(saved.operational.value - joules / 3.6e6 * intensity) < 1e-9)
        #expect(abs((saved.market?.value ?? 0) - joules / 3.6e6 * 600) < 1e-9)
        // Embodied carbon follows the node's time, and leads on so clean a grid.
        let seconds =
            zip(before, after).reduce(0) { $0 + (($1.0.duration ?? 0) - ($1.1.duration ?? 0)) } / Double(before.count)
        let embodied = try #require(saved.embodied)
        #expect(abs(embodied.value - seconds / 3600 * 40) < 1e-9)
        #expect(saved.embodiedLeads && result.findings.mention("the embodied part leads"))
        #expect(abs(saved.total.value - saved.operational.value - embodied.value) < 1e-9)
        #expect(abs((saved.marketTotal?.value ?? 0) - (saved.market?.value ?? 0) - embodied.value) < 1e-9)
        #expect(result.co2eSavedGramsPerRun == saved.total)
    }

    @Test func `hours of one series may differ between runs`() throws {
        let series = { (value: Double) in
            CarbonSettings(
                zone: "DE",
                intensity: Intensity(value: GramsPerKilowattHour(value), source: "s.csv", basis: .direct, parts: []),
                series: "s.csv"
            )
        }
        let before = side("a", seconds: 20, watts: 50) { $0.carbon = series(100) }
        let after = side("b", seconds: 20, watts: 50) { $0.carbon = series(300) }
        let result = try compare(baseline: before, candidate: after, labels: ("a", "b"), paired: true, quality: nil)
        let joules = before.compactMap { $0.end?.account.total.joules?.value }.reduce(0, +) / Double(before.count)
        #expect(abs(try #require(result.co2eSavedGramsPerRun).value + joules / 3.6e6 * 200) < 1e-6)
        #expect(result.findings.mention("each run's own hours"))
        let direct = side("b", seconds: 20, watts: 50) { $0.carbon = CarbonSettings(zone: "US-CA") }
        let mixed = try compare(
            baseline: side("a", seconds: 20, watts: 50) { $0.carbon = CarbonSettings(zone: "US") },
            candidate: direct,
            labels: ("a", "b"),
            paired: true,
            quality: nil
        )
        #expect(mixed.carbonSaved == nil && mixed.findings.mention("is life-cycle and that of US-CA is direct"))
    }

    @Test func `what weakens a comparison is said`() throws {
        let weak = try compare(
            baseline: side("a", seconds: 2, watts: 50, noise: [1, 1.01]) {
                $0.basis = .modelled
                $0.info = ["algorithm": "direct", "arithmetic": "native"]
                $0.samples = 20
            },
            candidate: side("b", seconds: 1, watts: 50, noise: [1.01, 1]) {
                $0.basis = .modelled
                $0.info = ["algorithm": "winograd", "arithmetic": "emulated"]
                $0.samples = 20
            },
            labels: ("fp32", "bf16"),
            paired: true,
            quality: nil
        )
        #expect(weak.algorithmDiffers)
        #expect(weak.findings.mention("not visible to the model"))
        #expect(weak.findings.mention("bf16 was emulated on this CPU"))
        #expect(weak.findings.mention("The convolution algorithm differs"))
        #expect(weak.findings.mention("below 5 s"))
        #expect(weak.findings.mention("only 20 readings"))
        #expect(weak.findings.mention("2 runs a side"))
        #expect(weak.findings.mention("modelled energy"))
        let chosen = try compare(
            baseline: side("a", seconds: 10, watts: 50) { $0.info = ["algorithm": "fastest", "precision": "fp32"] },
            candidate: side("b", seconds: 10, watts: 50) { $0.info = ["algorithm": "fastest", "precision": "bf16"] },
            labels: ("fp32", "bf16"),
            paired: true,
            quality: nil
        )
        #expect(!chosen.algorithmDiffers && chosen.findings.mention("part of the difference may be the algorithms'"))
        let strong = try against(side("b", seconds: 10, watts: 50))
        #expect(!strong.algorithmDiffers)
        for words in ["model", "emulated", "algorithm", "below 5 s", "readings", "a side"] {
            #expect(!strong.findings.mention(words), "\(words)")
        }
    }

    @Test func `runs by themselves say what was emulated`() throws {
        let runs = side("a", seconds: 10, watts: 50) { $0.info = ["precision": "fp16", "arithmetic": "emulated"] }
        let study = try Analysis.study(runs: runs, title: "one precision")
        #expect(study.warnings.mention("fp16 was emulated on this CPU"))
    }

    @Test func `several candidates are adjusted for their number`() throws {
        let candidate = side("b", seconds: 19.7, watts: 50, noise: [1.01, 0.99, 1.012, 0.991, 0.997])
        let other = side("c", seconds: 19.9, watts: 50, noise: [0.992, 1.004, 1.011, 0.995, 0.998])
        let alone = try against(candidate)
        let together = try Analysis.compare(
            baseline: RunGroup(label: "fp32", runs: base),
            candidates: [RunGroup(label: "bf16", runs: candidate), RunGroup(label: "tf32", runs: other)],
            paired: false
        )
        #expect(together.count == 2)
        #expect(together[0].speedup.value == alone.speedup.value)
        let (one, two) = (alone.energyRatio, together[0].energyRatio)
        #expect(try #require(two?.p) >= #require(one?.p), "Holm never lowers a p-value")
        #expect(try #require(two?.high) >= #require(one?.high))
    }
}
