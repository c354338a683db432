import Analysis
import Foundation
import Ledger
import ProbeTestKit
import Testing

/// More than three comparisons are summed up beside a table; up to three keep their sentences.
@Suite("Digest")
struct DigestTests {
    private let quality = QualityCriterion(metric: "iou", higherIsBetter: true, margin: 0.01)

    /// Five blocks of fp32 and bf16 at every size, with the noise of its own.
    private func runs(
        _ sizes: [(size: String, speedup: Double, energy: Double, spread: Double)],
        change: (inout SyntheticRun) -> Void = { _ in }
    ) -> [RunRecord] {
        var noise = SeededGenerator(seed: 11)
        return sizes.flatMap { size, speedup, energy, spread in
            [("fp32", 1.0, 1.0), ("bf16", 1 / speedup, energy)].flatMap { precision, time, joules in
                side(precision + size, seconds: 20 * time, watts: 1, noise: noise.factors(5, spread: spread)) {
                    $0.levels = ["precision": precision, "filters": size, "model": "unet"]
                    $0.joules = 1000 * joules * $0.seconds / (20 * time)
                    $0.metrics["iou"] = 0.79 + 0.02 * ($0.seconds / (20 * time) - 1)
                    change(&$0)
                }
            }
        }
    }

    private func study(_ runs: [RunRecord], sizes: [String]) throws -> Study {
        let factors = [
            ExperimentRecord.Factor(name: "filters", levels: sizes), .init(name: "model", levels: ["unet"]),
        ]
        let plan = precisionExperiment(other: factors, quality: quality, smallestRelevantSaving: 0.05)
        return try Analysis.study(experiment: plan, runs: runs)
    }

    private let four = [
        ("8", 1.5, 0.6, 0.004), ("16", 1.9, 0.5, 0.004), ("32", 1.02, 0.99, 0.05), ("64", 0.7, 1.4, 0.004),
    ]

    @Test func `up to three comparisons have sentences alone`() throws {
        let three = try study(runs(Array(four.prefix(3))), sizes: ["8", "16", "32"])
        #expect(three.comparisons.count == 3 && three.digest == nil)
        #expect(three.findings.mention("At filters=16, bf16 ran 1."))
    }

    @Test func `four are summed up with the range of what is shown`() throws {
        let study = try study(runs(four), sizes: ["8", "16", "32", "64"])
        let digest = try #require(study.digest)
        #expect(digest.rows == ["filters=8", "filters=16", "filters=32", "filters=64"])
        #expect(digest.shared == "bf16 beside fp32 at model=unet")
        #expect(digest.summary.count == 3)
        let speeds = study.comparisons.map { String(format: "%.2f", $0.speedup.value) }
        #expect(
            digest.summary[0].hasPrefix(
                "bf16 is shown to be faster than fp32 in 2 of 4 comparisons (\(speeds[0].prefix(3))"
            )
        )
        #expect(
            digest.summary[0].contains(" and slower in 1 (0.") && digest.summary[0].contains("; in 1 no difference")
        )
        let saved = study.comparisons.map { String(format: "%.0f", abs(($0.energySaved?.fraction ?? 0) * 100)) }
        #expect(digest.summary[1].contains("save energy in 2 (\(saved[0]) to \(saved[1]) %, "))
        #expect(digest.summary[1].contains("take more in 1 (\(saved[3]) %, "))
        #expect(digest.summary[2].hasPrefix("iou is kept within the margin of 0.01 in "))
        let (relevant, negligible, undecided) = (
            study.comparisons.count { $0.relevance == .relevant },
            study.comparisons.count { $0.relevance == .negligible },
            study.comparisons.count { $0.relevance == .undecided }
        )
        #expect(relevant == 3)
        #expect(
            digest.findings.mention(
                "relevant in 3, negligible in \(negligible == 0 ? "none" : "1") and undecided in "
                    + (undecided == 0 ? "none" : "1")
            )
        )
        // The slopes stay sentences; what the table holds is not said again.
        let slopes = study.findings.filter { $0.contains("each doubling of filters") }
        #expect(slopes.count == 2 && slopes.allSatisfy(digest.findings.contains))
        #expect(!digest.findings.contains { $0.hasPrefix("At filters=") })
        #expect(study.findings.filter { $0.hasPrefix("At filters=") }.count > 16)
        #expect(digest.grid?.contains("gCO2e/kWh of Germany") == true)
        let copy = try JSONDecoder().decode(Study.self, from: JSONEncoder().encode(study))
        #expect(copy.digest == digest)
    }

    @Test func `cautions of one kind are one with their range and the worst by name`() throws {
        let spreads = [0.02, 0.03, 0.15, 0.06]
        let runs = runs(zip(four, spreads).map { ($0.0, $0.1, $0.2, $1) })
        let study = try study(runs, sizes: ["8", "16", "32", "64"])
        let each = study.warnings.filter { $0.hasPrefix("To know the energy ratio of bf16 at filters=") }
        let counts = try each.map { sentence in
            try #require(sentence.firstMatch(of: /filters=(\d+) to 2 % takes about (\d+) pairs/)).output
        }
        let sorted = try counts.sorted { try #require(Int($0.2)) < #require(Int($1.2)) }
        let (least, most) = (try #require(sorted.first), try #require(sorted.last))
        #expect(each.count > 2 && least.2 != most.2)
        let digest = try #require(study.digest)
        let told = digest.warnings.filter { $0.lowercased().contains("to know the energy ratio") }
        #expect(told.count == 1)
        #expect(
            told[0].hasSuffix(
                "takes about \(least.2) to \(most.2) pairs of this spread (the most: bf16 at filters=\(most.1)); here are 5."
            )
        )
        #expect(told[0].hasPrefix("In \(each.count) of 4 comparisons") == (each.count < 4))
        #expect(digest.warnings.count < study.warnings.count)
    }

    @Test func `what must not be compared is said once with its number`() throws {
        let runs = runs(four) {
            if $0.levels?["precision"] == "bf16", $0.levels?["filters"] != "8" { $0.host = "node2" }
        }
        let digest = try #require(try study(runs, sizes: ["8", "16", "32", "64"]).digest)
        #expect(
            digest.findings.count { $0.hasPrefix("3 of 4 comparisons are not made: the runs ran on different") } == 1
        )
        #expect(
            digest.summary[0].contains("in 1 of 4 comparisons") && digest.summary[0].contains("3 are not comparable")
        )
    }

    @Test func `comparisons of one run a side are not said to show no difference`() throws {
        let runs = runs(four).filter {
            ["8", "64"].contains($0.start.place?.levels["filters"]) || $0.start.place?.block == 1
        }
        let study = try study(runs, sizes: ["8", "16", "32", "64"])
        let digest = try #require(study.digest)
        #expect(
            digest.summary[0].hasSuffix("times as fast); 2 of one run a side can show nothing.")
        )
        #expect(digest.summary[1].hasSuffix("; 2 of one run a side can show nothing."))
        #expect(
            study.verdict == "Of 4 comparisons 1 saves energy, 1 costs energy, 2 of one run a side can show nothing."
        )
    }

    @Test func `candidates that differ are named in their rows`() throws {
        let levels = ["fp32", "bf16", "fp16", "int8", "tf32"]
        var noise = SeededGenerator(seed: 5)
        let runs = levels.enumerated().flatMap { index, name in
            side(name, seconds: 20 / (1 + Double(index)), watts: 50, noise: noise.factors(5, spread: 0.004)) {
                $0.levels = ["precision": name]
            }
        }
        let study = try Analysis.study(experiment: precisionExperiment(levels: levels), runs: runs)
        let digest = try #require(study.digest)
        #expect(digest.rows == ["bf16", "fp16", "int8", "tf32"] && digest.shared == "Each arm beside fp32")
        #expect(digest.summary[0].hasPrefix("The candidate is shown to be faster than fp32 in all of 4 comparisons ("))
        #expect(digest.summary.count == 2, "no plan asks for quality")
    }
}
