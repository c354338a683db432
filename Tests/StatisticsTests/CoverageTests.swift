import Foundation
import Statistics
import Testing

/// An interval whose true value is known, made anew in every experiment.
struct CoverageCase: Sendable, CustomTestStringConvertible {
    var estimator: String
    var setting: String
    /// The shares of experiments that it may cover the truth in.
    var bounds: ClosedRange<Double>
    /// Whether the interval of one experiment covers the truth; no interval covers nothing.
    var covers: @Sendable (inout SimulatedRuns) -> Bool

    var testDescription: String { "\(estimator), \(setting)" }

    func share(of experiments: Int, seed: UInt64) -> Double {
        var runs = SimulatedRuns(seed: seed)
        return Double((0..<experiments).count { _ in covers(&runs) }) / Double(experiments)
    }
}

private let exact = 0.94...0.96
private let truth = 0.8

extension CoverageCase {
    static let paired = [2, 3, 4, 5, 7, 10, 15, 30].map { count in
        CoverageCase(estimator: "paired log-ratio", setting: "\(count) pairs", bounds: exact) { runs in
            let (x, y) = runs.pairs(count, ratio: truth, spread: 0.02)
            return pairedRatio(x, y)?.interval()?.contains(truth) ?? false
        }
    }

    /// The counts of both sides, and the first's standard deviation in parts of the second's.
    static let welch = [
        (2, 2, 1), (2, 2, 4), (2, 10, 2), (2, 30, 1), (3, 3, 1), (3, 3, 4), (3, 10, 2), (3, 30, 1), (4, 4, 1),
        (4, 4, 4), (4, 10, 2), (4, 30, 1), (5, 5, 1), (5, 5, 4), (5, 10, 2), (5, 30, 1), (5, 30, 2), (10, 10, 3),
        (30, 30, 2),
    ].map { n, m, excess in
        CoverageCase(
            estimator: "Welch log-ratio",
            setting: "\(n) and \(m) repeats, s \(excess) : 1",
            bounds: simulatedWelchCoverage(smallestCount: n) ?? exact
        ) { runs in
            let x = runs.values(n, ratio: truth, spread: 0.02 * Double(excess))
            let y = runs.values(m, spread: 0.02)
            return welchRatio(x, y)?.interval()?.contains(truth) ?? false
        }
    }

    static let twoStage = [(3, 0.02), (5, 0.01), (5, 0.02), (5, 0.05), (10, 0.01)].map { first, halfWidth in
        CoverageCase(
            estimator: "two stages, log-ratio",
            setting: "first stage \(first), half width \(halfWidth), s 0.03",
            bounds: exact
        ) { runs in
            var (x, y) = runs.pairs(first, ratio: truth, spread: 0.03 / 2.0.squareRoot())
            guard let differences = logarithmicDifferences(x, y),
                let count = steinCount(firstStage: differences, halfWidth: halfWidth)
            else { return false }
            let more = runs.pairs(count - first, ratio: truth, spread: 0.03 / 2.0.squareRoot())
            x += more.x
            y += more.y
            return twoStageRatio(x, y, firstStage: first)?.interval()?.contains(truth) ?? false
        }
    }

    static let effects = [3, 5, 10].flatMap { count in
        [
            CoverageCase(estimator: "Hedges' g", setting: "\(count) repeats, effect 1", bounds: exact) { runs in
                let x = (0..<count).map { _ in 1 + runs.normal() }
                let y = (0..<count).map { _ in runs.normal() }
                return hedgesG(x, y)?.interval()?.contains(1) ?? false
            },
            CoverageCase(estimator: "d_z of pairs", setting: "\(count) pairs, effect 1", bounds: exact) { runs in
                let x = (0..<count).map { _ in 1 + runs.normal() }
                return pairedEffectSize(x, x.map { _ in 0 })?.interval()?.contains(1) ?? false
            },
        ]
    }

    static let lines = [3, 6, 20].map { count in
        CoverageCase(estimator: "slope, least squares", setting: "\(count) points", bounds: exact) { runs in
            let x = (0..<count).map(Double.init)
            return trend(x, x.map { 3 + 0.5 * $0 + runs.normal() })?.slope.interval()?.contains(0.5) ?? false
        }
    }

    /// The gains at several sizes: each the mean of a few repeats, of unequal scatter.
    static let weightedLines = [(4, 3), (4, 5), (4, 10), (4, 30), (8, 5), (8, 10)].map { sizes, repeats in
        CoverageCase(
            estimator: "slope, weighted",
            setting: "\(sizes) sizes of \(repeats) repeats",
            bounds: 0.94...0.97
        ) { runs in
            let x = (0..<sizes).map(Double.init)
            let gains = x.compactMap { x in
                meanInference((0..<repeats).map { _ in 0.5 * x + (1 + x / 4) * runs.normal() })
            }
            return trend(x, gains)?.slope.interval()?.contains(0.5) ?? false
        }
    }

    /// They must reach what ``BootstrapRatio/simulatedCoverage`` says, to 1.5 %.
    static let bootstrapped = [3, 5, 8, 12, 20, 30].flatMap { count in
        BootstrapMethod.allCases.flatMap { method in
            let name = method == .percentile ? "percentile" : "BCa"
            return [
                CoverageCase(
                    estimator: "bootstrap, \(name)",
                    setting: "\(count) pairs",
                    bounds: said(count, paired: true)
                ) { runs in
                    let (x, y) = runs.pairs(count, ratio: truth, spread: 0.02)
                    return bootstrapPairedRatio(x, y, resamples: 5000)?.interval(method: method)?.contains(truth)
                        ?? false
                },
                CoverageCase(
                    estimator: "bootstrap, \(name)",
                    setting: "\(count) and \(count) repeats",
                    bounds: said(count, paired: false)
                ) { runs in
                    let x = runs.values(count, ratio: truth, spread: 0.02)
                    let y = runs.values(count, spread: 0.02)
                    return bootstrapRatio(x, y, resamples: 5000)?.interval(method: method)?.contains(truth) ?? false
                },
            ]
        }
    }
}

/// The coverage that a bootstrap of so many values says it has, to 1.5 %.
private func said(_ count: Int, paired: Bool) -> ClosedRange<Double> {
    let x = (0..<count).map { 2 + Double($0) }
    let y = x.map { _ in 1.0 }
    let answer = paired ? bootstrapPairedRatio(x, y, resamples: 5000) : bootstrapRatio(x, y, resamples: 5000)
    guard let coverage = answer?.simulatedCoverage else { return 0...0 }
    return (coverage - 0.015)...(coverage + 0.015)
}

/// The logarithms of the ratios of pairs.
private func logarithmicDifferences(_ x: [Double], _ y: [Double]) -> [Double]? {
    let ratios = zip(x, y).compactMap { pairedRatio([$0], [$1])?.logarithm.value }
    return ratios.count == x.count ? ratios : nil
}

@Suite("Coverage")
struct CoverageTests {
    static let isSlow = ProcessInfo.processInfo.environment["WATTBOOK_SLOW"] == "1"
    static let claimed = CoverageCase.paired + CoverageCase.welch + CoverageCase.twoStage + CoverageCase.lines

    /// Four standard errors of 1,000 experiments are 2.8 %.
    @Test(arguments: claimed.filter { $0.bounds == exact })
    func `a claimed interval covers the truth in 95 of 100 experiments`(item: CoverageCase) {
        let share = item.share(of: 1000, seed: 31)
        #expect(abs(share - 0.95) < 0.028, "\(share)")
    }

    @Test(arguments: CoverageCase.effects) func `so does that of an effect size`(item: CoverageCase) {
        // Four standard errors of 100 experiments are 8.7 %.
        #expect(item.share(of: 100, seed: 5) > 0.86)
    }

    @Test func `a bootstrap of five pairs does not, and says so`() throws {
        var runs = SimulatedRuns(seed: 8)
        let covered = try (0..<150).count { _ in
            let (x, y) = runs.pairs(5, spread: 0.02)
            let answer = try #require(bootstrapPairedRatio(x, y, resamples: 5000))
            #expect(answer.isTooNarrow)
            return try #require(answer.interval(method: .percentile)).contains(1)
        }
        #expect(covered < 140, "\(covered) of 150")
    }

    /// The table of this module's README, 10,000 experiments a row; the binomial standard error is 0.22 %.
    @Test(
        .enabled(if: isSlow),
        arguments: [
            CoverageCase.paired, CoverageCase.welch, CoverageCase.twoStage, CoverageCase.effects,
            CoverageCase.lines + CoverageCase.weightedLines, CoverageCase.bootstrapped,
        ]
    )
    func `table of coverage`(cases: [CoverageCase]) {
        var rows: [String] = []
        for item in cases {
            let share = item.share(of: 10_000, seed: 20_261_125)
            #expect(item.bounds.contains(share), "\(item.testDescription): \(share)")
            rows.append("| \(item.estimator) | \(item.setting) | \(percent(share)) |")
        }
        print(rows.joined(separator: "\n"))
    }
}

/// Per cent to two digits, exact for shares of 10,000.
func percent(_ share: Double) -> String {
    let hundredths = Int((share * 10_000).rounded())
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) %"
}
