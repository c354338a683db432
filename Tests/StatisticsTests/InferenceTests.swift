import ProbeTestKit
import Statistics
import Testing

extension SeededGenerator {
    /// Nearly normal: the sum of twelve uniform numbers, less six.
    mutating func normal() -> Double {
        (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &self) }
    }
}

@Suite("Inference")
struct InferenceTests {
    @Test func `too few values give no interval`() throws {
        #expect(mean([]) == nil)
        #expect(variance([3]) == nil)
        #expect(welch([], [1]) == nil)
        let one = try #require(pairedRatio([6], [10]))
        #expect(abs(one.value - 0.6) < 1e-12)
        #expect(one.interval() == nil)
        #expect(one.pValue == nil)
        #expect(try #require(welchRatio([6], [10, 11])).interval() == nil)
        #expect(fieller([6], [10, 11]) == nil)
    }

    @Test func `no variance gives no interval`() throws {
        #expect(standardDeviation([0.1, 0.1, 0.1]) == 0)
        #expect(try #require(meanInference([0.1, 0.1, 0.1])).interval() == nil)
        #expect(try #require(welch([5, 5], [4, 4])).pValue() == nil)
        // One ratio in every pair, up to the rounding of logarithms.
        let pairs = try #require(pairedRatio([3.3, 7.7, 11.11], [1.1, 7.7 / 3, 11.11 / 3]))
        #expect(pairs.interval() == nil)
        #expect(fieller([5, 5], [4, 4]) == nil)
    }

    @Test func `what is no ratio is refused`() {
        #expect(pairedRatio([1, 2], [1]) == nil)
        #expect(pairedRatio([1, -2], [1, 2]) == nil)
        #expect(welchRatio([1, .nan], [1, 2]) == nil)
        // The denominator is not apart from zero: g >= 1.
        #expect(fieller([10, 11, 12], [-1, 0.5, 2]) == nil)
    }

    @Test func `invalid distributions answer NaN and do not trap`() {
        #expect(StudentT(degreesOfFreedom: 0).upperTail(1).isNaN)
        #expect(StudentT(degreesOfFreedom: 3).quantile(1.5).isNaN)
        #expect(StudentT(degreesOfFreedom: 3).quantile(1) == .infinity)
        #expect(StudentT(degreesOfFreedom: 3).upperTail(.infinity) == 0)
        #expect(regularizedIncompleteBeta(1.5, 1, 1).isNaN)
    }

    @Test func `closed forms hold close to the centre`() {
        // One degree of freedom: 1/2 - atan(t)/π. Four: the series of the density, integrated.
        #expect(agree(StudentT(degreesOfFreedom: 1).upperTail(1e-8), 0.5 - 1e-8 / Double.pi, 1e-15))
        let t = 1e-4 / 0.375
        #expect(agree(StudentT(degreesOfFreedom: 4).upperQuantile(0.4999), t * (1 + 0.625 / 3 * t * t), 1e-11))
    }

    @Test func `infinite degrees of freedom are the normal distribution`() {
        #expect(agree(StudentT(degreesOfFreedom: .infinity).upperQuantile(0.025), 1.959963984540054, 1e-12))
    }

    @Test(arguments: [1.0, 2, 3.7, 9, 40, 1e4]) func `quantile undoes the distribution`(degrees: Double) {
        let distribution = StudentT(degreesOfFreedom: degrees)
        for p in [1e-9, 0.01, 0.3, 0.5, 0.8, 0.999] {
            #expect(agree(distribution.cumulative(distribution.quantile(p)), p, 1e-11))
        }
    }

    @Test func `Fieller agrees with its limit`() throws {
        // With a denominator that hardly varies the interval is that of the mean, divided.
        let x = [10.0, 10.4, 9.7, 10.1, 9.9]
        let answer = try #require(fieller(x, [4.999_999, 5.000_001, 5, 5, 5]))
        let limit = try #require(meanInference(x)?.interval())
        #expect(abs(answer.interval.lowerBound - limit.lowerBound / 5) < 1e-5)
        #expect(abs(answer.interval.upperBound - limit.upperBound / 5) < 1e-5)
    }

    @Test func `non-inferiority agrees with the interval's lower bound`() throws {
        let figure = try #require(meanInference([-0.002, 0.001, -0.003, 0.0, -0.001]))
        let bounds = try #require(figure.interval())
        let p = try #require(figure.nonInferiorityP(margin: -bounds.lowerBound))
        #expect(abs(p - 0.025) < 1e-10)
    }

    @Test func `paired intervals cover the true ratio in 95 of 100 cases`() throws {
        var generator = SeededGenerator(seed: 42)
        var covered = 0
        let trials = 4000
        for _ in 0..<trials {
            var x: [Double] = []
            var y: [Double] = []
            for _ in 0..<5 {
                // A block's drift moves both sides alike; pairing takes it out.
                let drift = 1 + 0.1 * generator.normal() / 3
                y.append(617 * drift * (1 + 0.01 * generator.normal()))
                x.append(617 * 0.6 * drift * (1 + 0.01 * generator.normal()))
            }
            if try #require(pairedRatio(x, y)?.interval()).contains(0.6) { covered += 1 }
        }
        // Four standard errors of 4000 trials are 1.4 %.
        #expect(abs(Double(covered) / Double(trials) - 0.95) < 0.014)
    }
}

@Suite("Holm")
struct HolmTests {
    @Test func `entries without a test do not count`() {
        let decisions = holm([nil, 0.04, nil])
        #expect(decisions[0] == nil && decisions[2] == nil)
        #expect(decisions[1]?.adjustedP == 0.04)
        #expect(decisions[1]?.isRejected == true)
        #expect(holm([]).isEmpty)
    }

    @Test func `intervals never contradict their verdict`() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<300 {
            let ratios = try (0..<4).map { _ in
                let shift = 0.03 * generator.normal()
                let y = (0..<4).map { _ in 100 * (1 + 0.02 * generator.normal()) }
                return try #require(pairedRatio(y.map { $0 * (1 + shift + 0.02 * generator.normal()) }, y))
            }
            for (ratio, decision) in zip(ratios, holm(ratios.map(\.pValue))) {
                let decision = try #require(decision)
                let interval = try #require(ratio.interval(alpha: decision.alpha))
                #expect(interval.contains(1) != decision.isRejected)
                #expect(decision.isRejected == (decision.adjustedP < 0.05))
                #expect(decision.alpha <= 0.05)
            }
        }
    }

    @Test func meansAndDifferencesOfIndependentFigures() throws {
        let x = Inference(value: 3, standardError: 0.3, degreesOfFreedom: 5)
        let y = Inference(value: 1, standardError: 0.4, degreesOfFreedom: 8)
        let half = try #require(mean(of: [x, y]))
        #expect(half.value == 2 && abs((half.standardError ?? 0) - 0.25) < 1e-15)
        // Welch and Satterthwaite: (0.09 + 0.16)² / (0.09²/5 + 0.16²/8).
        let degrees = 0.25 * 0.25 / (0.0081 / 5 + 0.0256 / 8)
        #expect(abs((half.degreesOfFreedom ?? 0) - degrees) < 1e-9)
        let apart = difference(x, y)
        #expect(apart.value == 2 && abs((apart.standardError ?? 0) - 0.5) < 1e-15)
        #expect(abs((apart.degreesOfFreedom ?? 0) - degrees) < 1e-9)
        #expect(mean(of: [x, Inference(value: 1)])?.standardError == nil)
        #expect(difference(Inference(value: 1), y).standardError == nil && mean(of: []) == nil)
    }
}
