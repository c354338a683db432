import Statistics
import Testing

/// Experiments without any true difference, and how often a procedure reports one.
struct FalseAlarmCase: Sendable, CustomTestStringConvertible {
    var report: String
    var setting: String
    /// The largest share of false reports; `nil` where the table only says what there is.
    var limit: Double?
    var isFalse: @Sendable (inout SimulatedRuns) -> Bool

    var testDescription: String { "\(report), \(setting)" }

    func share(of experiments: Int, seed: UInt64) -> Double {
        var runs = SimulatedRuns(seed: seed)
        return Double((0..<experiments).count { _ in isFalse(&runs) }) / Double(experiments)
    }
}

extension FalseAlarmCase {
    /// Whether any candidate "saves" beside a baseline of the same energy.
    static let savings = [false, true].flatMap { isPaired in
        [(1, 5), (1, 10), (4, 5), (4, 10), (8, 5)].map { candidates, count in
            FalseAlarmCase(
                report: "saves energy, \(isPaired ? "paired" : "Welch")",
                setting: "\(candidates) equal to the baseline, \(count) runs each",
                limit: 0.03
            ) { runs in
                let drifts = (0..<count).map { _ in isPaired ? runs.values(1, spread: 0.1)[0] / 617 : 1 }
                let baseline = zip(runs.values(count, spread: 0.02), drifts).map { $0 * $1 }
                let ratios = (0..<candidates).compactMap { _ -> RatioInference? in
                    let candidate = zip(runs.values(count, spread: 0.02), drifts).map { $0 * $1 }
                    return isPaired ? pairedRatio(candidate, baseline) : welchRatio(candidate, baseline)
                }
                return zip(ratios, holm(ratios.map(\.pValue))).contains { ratio, decision in
                    ratio.value < 1 && decision?.isRejected == true
                }
            }
        }
    }

    /// Whether a quality that is worse by exactly the margin is "kept".
    static let qualities = [5, 30].map { count in
        FalseAlarmCase(report: "quality kept", setting: "\(count) pairs, worse by the margin", limit: 0.03) { runs in
            let figure = meanInference((0..<count).map { _ in -0.01 + 0.01 * runs.normal() })
            return figure?.nonInferiorityP(margin: 0.01).map { $0 < 0.025 } ?? false
        }
    }

    static let orders = [(2, 5), (2, 10), (4, 10)].flatMap { arms, blocks in
        [
            FalseAlarmCase(report: "drift at 5 %", setting: "\(arms) arms, \(blocks) blocks", limit: 0.06) { runs in
                let order = runs.shuffledBlocks(arms: arms, blocks: blocks)
                let values = order.map { Double($0) + runs.normal() }
                return drift(values, at: order.indices.map(Double.init), arms: order)?.pValue().map { $0 < 0.05 }
                    ?? false
            },
            FalseAlarmCase(report: "carry-over at 5 %", setting: "\(arms) arms, \(blocks) blocks", limit: 0.06) {
                runs in
                let order = runs.shuffledBlocks(arms: arms, blocks: blocks)
                let values = order.map { Double($0) + runs.normal() }
                return carryOver(values, arms: order).map { $0.pValue < 0.05 } ?? false
            },
        ]
    }

    static let outlying = [5, 8, 10, 20, 30].map { count in
        FalseAlarmCase(report: "any outlier", setting: "\(count) log-normal values", limit: nil) { runs in
            !outliers(runs.values(count, spread: 0.02)).isEmpty
        }
    }
}

@Suite("False verdicts")
struct FalseVerdictTests {
    @Test(arguments: FalseAlarmCase.savings + FalseAlarmCase.qualities)
    func `equal arms seldom save, and a lost quality is seldom kept`(item: FalseAlarmCase) {
        // Four standard errors of 500 experiments at 2.5 % are 2.8 %.
        #expect(item.share(of: 500, seed: 77) < 0.053)
    }

    /// The table of this module's README, 10,000 experiments a row; the binomial standard error is at most 0.24 %.
    @Test(
        .enabled(if: CoverageTests.isSlow),
        arguments: [
            FalseAlarmCase.savings, FalseAlarmCase.qualities + FalseAlarmCase.orders, FalseAlarmCase.outlying,
        ]
    )
    func `table of false reports`(cases: [FalseAlarmCase]) {
        var rows: [String] = []
        for item in cases {
            let share = item.share(of: 10_000, seed: 20_261_125)
            if let limit = item.limit { #expect(share <= limit, "\(item.testDescription): \(share)") }
            rows.append("| \(item.report) | \(item.setting) | \(percent(share)) |")
        }
        print(rows.joined(separator: "\n"))
    }
}
