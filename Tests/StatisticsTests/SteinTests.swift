import RealModule
import Statistics
import Testing

/// Normal deviates from a fixed seed (Box and Muller, 1958).
private struct Normals {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    private mutating func uniform() -> Double {
        // Knuth's linear congruential generator, MMIX; its high bits.
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (Double(state >> 11) + 0.5) / 9_007_199_254_740_992
    }

    mutating func next() -> Double { (-2 * Double.log(uniform())).squareRoot() * Double.cos(2 * .pi * uniform()) }
}

@Suite("Two stages")
struct SteinTests {
    @Test("count as the formula says: t of 4 degrees is 2.776445")
    func formula() {
        let first = [1.0, 2, 3, 4, 5]
        // s² = 2.5: (2.776445)² · 2.5 / 0.5² = 77.09
        #expect(steinCount(firstStage: first, halfWidth: 0.5) == 78)
        #expect(steinCount(firstStage: first, halfWidth: 100) == 5)
        #expect(steinCount(firstStage: [1], halfWidth: 0.5) == nil)
        #expect(steinCount(firstStage: [2, 2, 2], halfWidth: 0.5) == 3, "no spread asks for no more")
        #expect(steinCount(firstStage: first, halfWidth: 0) == nil)
        #expect(steinCount(firstStage: first, halfWidth: 1e-9) == 1_000_000_000)
    }

    @Test("use all values for the mean and the first stage alone for the spread")
    func inference() throws {
        let values = [1.0, 2, 3, 4, 5, 30]
        let two = try #require(twoStageInference(values, firstStage: 5))
        #expect(two.value == 7.5)
        #expect(abs((two.standardError ?? 0) - (2.5 / 6).squareRoot()) < 1e-15)
        #expect(two.degreesOfFreedom == 4)
        #expect(twoStageInference(Array(values.prefix(5)), firstStage: 5) == meanInference([1, 2, 3, 4, 5]))
        #expect(twoStageRatio([2, 4], [1, 0], firstStage: 2) == nil)
    }

    /// The binomial standard deviation of 95 % in 6,000 is 0.28 %: the bounds are about 4 of them.
    @Test("cover the truth in 95 % of all cases and reach the wanted half width")
    func coverage() {
        var normals = Normals(seed: 11)
        var covered = 0
        for _ in 0..<6000 {
            var values = (0..<5).map { _ in 0.3 + normals.next() }
            let count = steinCount(firstStage: values, halfWidth: 0.8) ?? 5
            while values.count < count { values.append(0.3 + normals.next()) }
            guard let interval = twoStageInference(values, firstStage: 5)?.interval() else { continue }
            if interval.contains(0.3) { covered += 1 }
            #expect((interval.upperBound - interval.lowerBound) / 2 <= 0.8 * (1 + 1e-12))
        }
        #expect((0.939...0.975).contains(Double(covered) / 6000), "\(covered) of 6000")
    }
}

@Suite("The generator of orders")
struct SplitMixTests {
    @Test("gives the published numbers")
    func published() {
        // The first outputs for state 1234567, as in the reference implementation's test vectors.
        var random = SplitMix64(seed: 1_234_567)
        #expect(random.next() == 6_457_827_717_110_365_317)
        #expect(random.next() == 3_203_168_211_198_807_973)
    }

    @Test("shuffles to every order about equally often")
    func orders() {
        var random = SplitMix64(seed: 3)
        var counts: [[Int]: Int] = [:]
        for _ in 0..<24_000 { counts[random.shuffled([1, 2, 3, 4]), default: 0] += 1 }
        // 1000 expected an order, standard deviation 31.
        #expect(counts.count == 24)
        #expect(counts.values.allSatisfy { abs($0 - 1000) < 155 })
        #expect(random.shuffled([Int]()).isEmpty)
    }
}
