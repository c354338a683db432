import Foundation
import RealModule
import Statistics
import Testing

/// What `Fixtures/record_scaling.py` records of a law through times.
private struct RecordedFit: Decodable {
    var law: ScalingLaw
    var growing: Bool
    var units, times, values, errors: [Double]
    var df: Double
    var fitP, aicc: Double?
    var at, logTime, logTimeError: Double
}

/// Times of a program of known truth.
private func times(
    _ law: ScalingLaw,
    _ units: [Double],
    s: Double,
    kappa: Double = 0,
    growing: Bool = false,
    noise: (Int) -> Double = { _ in 0 }
) -> [Double] {
    units.enumerated().map { index, n in
        let slowdown = 1 + s * (n - 1) + kappa * n * (n - 1)
        let time = law == .gustafson ? 1 / (1 - s * (n - 1) / n) : growing ? slowdown : slowdown / n
        return 600 * time * .exp(noise(index))
    }
}

@Suite("Laws of scaling")
struct ScalingFitTests {
    @Test func `fits are those of SciPy`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let data = try Data(contentsOf: folder.appending(path: "Fixtures/scaling.json"))
        let cases = try JSONDecoder().decode([RecordedFit].self, from: data)
        #expect(cases.count == 68 && cases.contains { ($0.fitP ?? 1) < 0.05 })
        for item in cases {
            let fit = try #require(scalingFit(item.law, units: item.units, times: item.times, growing: item.growing))
            let name = Comment("\(item.law), \(item.values), \(item.units.count) runs")
            // What lies near zero is right to a part of its error.
            let close = { (a: Double, index: Int) in (a - item.values[index]).magnitude < 1e-4 * item.errors[index] }
            #expect(close(fit.logTime(at: 1).value, 0) && close(fit.serialFraction.value, 1), name)
            #expect(fit.coherency.map { close($0.value, 2) } ?? (item.values.count == 2), name)
            #expect(try agree(#require(fit.serialFraction.standardError), item.errors[1], 1e-4), name)
            #expect(fit.coherency?.standardError.map { agree($0, item.errors[2], 1e-4) } ?? true, name)
            #expect(fit.serialFraction.degreesOfFreedom == item.df, name)
            #expect(fit.lackOfFitP.map { agree($0, item.fitP ?? 2, 1e-4) } ?? (item.fitP == nil), name)
            #expect(fit.criterion.map { agree($0, item.aicc ?? 0, 1e-6) } ?? (item.aicc == nil), name)
            let there = fit.logTime(at: item.at)
            #expect((there.value - item.logTime).magnitude < 1e-3 * item.logTimeError, name)
            #expect(try agree(#require(there.standardError), item.logTimeError, 1e-3), name)
        }
    }

    @Test func `points on a law give it back, without an interval that nobody measured`() throws {
        let units = [1.0, 2, 4, 8, 16]
        for s in [0, 0.001, 0.05, 0.5, 0.97] {
            let fit = try #require(scalingFit(.amdahl, units: units, times: times(.amdahl, units, s: s)))
            #expect((fit.serialFraction.value - s).magnitude < 1e-9 && fit.serialFraction.interval() == nil)
        }
        let turned = times(.universal, units, s: 0.02, kappa: 0.01)
        let fit = try #require(scalingFit(.universal, units: units, times: turned))
        #expect(agree(try #require(fit.coherency).value, 0.01, 1e-9))
        #expect(agree(.exp(try #require(fit.peakLogarithm).value), (0.98 / 0.01).squareRoot(), 1e-9))
        #expect(agree(.exp(fit.logTime(at: 16).value), turned[4], 1e-9))
    }

    @Test func `there must be more points than parameters`() {
        let units = [1.0, 2, 4]
        #expect(scalingFit(.amdahl, units: units, times: [4, 2, 1]) != nil)
        #expect(scalingFit(.amdahl, units: [1, 1, 2, 2], times: [4, 4, 2, 2.1]) == nil)
        #expect(scalingFit(.universal, units: units, times: [4, 2, 1]) == nil)
        #expect(scalingFit(.amdahl, units: units, times: [4, 2, 0]) == nil)
        #expect(scalingFit(.amdahl, units: units, times: [4, 2]) == nil)
    }

    @Test func `the universal law is carried by a turn, and not by noise`() throws {
        var runs = SimulatedRuns(seed: 12)
        let units = [1.0, 2, 4, 8, 16].flatMap { n in [Double](repeating: n, count: 5) }
        let share = { (kappa: Double) in
            let chosen = (0..<100).compactMap { _ -> ScalingLaw? in
                let noise = units.map { _ in 0.02 * runs.normal() }
                let seen = times(.universal, units, s: 0.04, kappa: kappa) { noise[$0] }
                let fits = ScalingLaw.laws(growing: false).compactMap { scalingFit($0, units: units, times: seen) }
                return carried(fits)?.law
            }
            return Double(chosen.count { $0 == .universal }) / Double(chosen.count)
        }
        // Half of the 5 % lies above zero.
        #expect(share(0) < 0.1)
        #expect(share(0.003) > 0.99)
    }

    /// Four standard errors of 250 experiments are 5.5 %.
    @Test(arguments: CoverageCase.scaling.prefix(3))
    func `a law's interval covers the truth in 95 of 100 experiments`(item: CoverageCase) {
        let share = item.share(of: 250, seed: 77)
        #expect((share - 0.95).magnitude < 0.055, "\(share)")
    }

    /// Rows of the table in this module's README.
    @Test(.enabled(if: CoverageTests.isSlow), arguments: CoverageCase.scaling)
    func `table of coverage`(item: CoverageCase) {
        let share = item.share(of: 10_000, seed: 20_261_126)
        #expect(item.bounds.contains(share), "\(item.testDescription): \(share)")
        print("| \(item.estimator) | \(item.setting) | \(percent(share)) |")
    }
}

extension CoverageCase {
    /// Laws that hold, with few repeats.
    static let scaling = [(4, 3), (4, 1), (5, 5)].flatMap { points, repeats in
        let units = (0..<points).flatMap { point in (0..<repeats).map { _ in Double(1 << point) } }
        let setting = "\(points) sizes of \(repeats == 1 ? "1 run" : "\(repeats) runs")"
        return [
            serial(.amdahl, 0.05, units, setting), serial(.gustafson, 0.05, units, setting),
            coherency(false, units, setting),
        ]
    }

    private static func serial(_ law: ScalingLaw, _ s: Double, _ units: [Double], _ setting: String) -> CoverageCase {
        let name = "serial fraction, \(law.rawValue)"
        return CoverageCase(estimator: name, setting: "\(setting), s \(s)", bounds: 0.94...0.97) { runs in
            let noise = units.map { _ in 0.02 * runs.normal() }
            let seen = times(law, units, s: s) { noise[$0] }
            let fit = scalingFit(law, units: units, times: seen, growing: law == .gustafson)
            return fit?.serialFraction.interval()?.contains(s) ?? false
        }
    }

    private static func coherency(_ growing: Bool, _ units: [Double], _ setting: String) -> CoverageCase {
        let place = "\(setting)\(growing ? ", growing" : "")"
        return CoverageCase(estimator: "coherency, universal", setting: place, bounds: 0.94...0.97) { runs in
            let noise = units.map { _ in 0.02 * runs.normal() }
            let seen = times(.universal, units, s: 0.05, kappa: 0.002, growing: growing) { noise[$0] }
            let fit = scalingFit(.universal, units: units, times: seen, growing: growing)
            return fit?.coherency?.interval()?.contains(0.002) ?? false
        }
    }
}
