import RealModule
import Statistics
import Testing

@Suite("Bootstrap")
struct BootstrapTests {
    private let x = [6.1, 6.3, 5.9, 6.2, 6.0, 6.4, 6.15, 5.95]
    private let y = [10.1, 10.0, 10.3, 9.8, 10.2, 10.05, 9.9, 10.4]

    @Test func `one seed gives one interval, on every machine`() throws {
        let first = try #require(bootstrapRatio(x, y, seed: 3))
        #expect(first == bootstrapRatio(x, y, seed: 3))
        #expect(first != bootstrapRatio(x, y, seed: 4))
        #expect(first.replicates.count == 10_000)
    }

    @Test func `few values are said to be too few`() throws {
        #expect(try #require(bootstrapRatio(x, y)).isTooNarrow == false)
        #expect(try #require(bootstrapRatio(x, Array(y.prefix(7)))).isTooNarrow)
        let two = try #require(bootstrapPairedRatio([1, 2], [1, 1]))
        #expect(two.isTooNarrow)
        #expect(two.simulatedCoverage == nil)
        #expect(bootstrapRatio(x, Array(y.prefix(7)))?.simulatedCoverage == 0.875)
        #expect(simulatedWelchCoverage(smallestCount: 1) == nil)
        #expect(simulatedWelchCoverage(smallestCount: 5) == 0.94...0.96)
    }

    @Test func `what tells nothing is refused`() {
        #expect(bootstrapPairedRatio(x, Array(y.dropLast())) == nil)
        #expect(bootstrapPairedRatio([2, 4, 6], [1, 2, 3]) == nil)
        #expect(bootstrapRatio([5, 5], [4, 4]) == nil)
        #expect(bootstrapRatio([5], [4, 5]) == nil)
        #expect(bootstrapRatio([5, 0], [4, 5]) == nil)
        #expect(bootstrapRatio(x, y, resamples: 4999) == nil)
        #expect(bootstrapRatio(x, y)?.interval(alpha: 0) == nil)
        #expect(bootstrapRatio(x, y)?.interval(alpha: 1e-5) == nil, "10,000 replicates do not tell")
    }

    @Test func `the interval turns with the ratio and knows no unit`() throws {
        // Percentile intervals of a few thousand draws agree between seeds and sides to some per cent of their width.
        let ratio = try #require(bootstrapRatio(x, y)?.interval(method: .percentile))
        let inverse = try #require(bootstrapRatio(y, x)?.interval(method: .percentile))
        #expect(abs(ratio.lowerBound * inverse.upperBound - 1) < 0.002)
        let huge = bootstrapRatio(x.map { $0 * 1e300 }, y.map { $0 * 1e300 })
        let scaled = try #require(huge?.interval(method: .percentile))
        #expect(agree(ratio, [scaled.lowerBound, scaled.upperBound], 1e-9))
    }

    @Test(arguments: BootstrapMethod.allCases)
    func `an interval excludes 1 exactly where the p-value is below its level`(method: BootstrapMethod) throws {
        var runs = SimulatedRuns(seed: 5)
        for _ in 0..<40 {
            let x = runs.values(6, spread: 0.1)
            let y = runs.values(9, ratio: 1.1, spread: 0.2)
            let answer = try #require(bootstrapRatio(x, y, resamples: 5000))
            let p = answer.pValue(method: method)
            for factor in [0.98, 1.02] where p * factor < 0.9 && p > 0.002 {
                let interval = try #require(answer.interval(alpha: p * factor, method: method))
                #expect(interval.contains(1) == (factor < 1), "p \(p), \(interval)")
            }
        }
    }
}

@Suite("Effect size")
struct EffectSizeTests {
    @Test func `no variance and too few values give none`() {
        #expect(hedgesG([1, 1], [2, 2]) == nil)
        #expect(hedgesG([1], [2]) == nil)
        #expect(hedgesG([], [2, 3]) == nil)
        #expect(hedgesG([1], [2, 3]) != nil)
        #expect(pairedEffectSize([1, 2], [0, 1]) == nil)
        #expect(pairedEffectSize([1, 2], [0]) == nil)
        #expect(pairedEffectSize([1], [0]) == nil)
        #expect(hedgesG([.infinity, 1], [2, 3]) == nil)
    }

    @Test func `sides exchanged turn the sign, units do not matter`() throws {
        let x = [3.0, 4, 6, 5.5]
        let y = [1.0, 2, 2.5]
        let one = try #require(hedgesG(x, y))
        let other = try #require(hedgesG(y, x))
        #expect(agree(one.value, -other.value, 1e-14))
        let interval = try #require(one.interval())
        #expect(near(other.interval(), [-interval.upperBound, -interval.lowerBound], 1e-9))
        #expect(agree(try #require(hedgesG(x.map { 7 * $0 }, y.map { 7 * $0 })).value, one.value, 1e-13))
        #expect(interval.contains(one.value))
    }

    @Test func `interval excludes zero exactly where the t test does`() throws {
        let x = [3.0, 4, 6, 5.5]
        let y = [1.0, 2, 2.5, 3]
        let p = try #require(paired(x, y)?.pValue())
        let effect = try #require(pairedEffectSize(x, y))
        #expect(try #require(effect.interval(alpha: p * 0.999)).contains(0))
        #expect(try !#require(effect.interval(alpha: p * 1.001)).contains(0))
    }

    @Test func `a huge effect has an interval about itself`() throws {
        let effect = try #require(pairedEffectSize([1e6, 1e6 + 1, 1e6 - 1, 1e6], [0, 0, 0, 0]))
        let interval = try #require(effect.interval())
        // χ² of 3 degrees: 0.2158 and 9.3484 are its 2.5 % points.
        let uncorrected = 1e6 / (2.0 / 3).squareRoot()
        #expect(agree(interval.lowerBound, uncorrected * (0.215795 / 3).squareRoot(), 1e-4))
        #expect(agree(interval.upperBound, uncorrected * (9.348404 / 3).squareRoot(), 1e-4))
    }
}

@Suite("Power")
struct PowerTests {
    @Test func `more repeats and wider margins show more`() throws {
        var last = 0.0
        for count in [2.0, 3, 5, 10, 30, 100] {
            let figure = Inference(value: 0, standardError: 0.02 / count.squareRoot(), degreesOfFreedom: count - 1)
            let power = try #require(figure.nonInferiorityPower(margin: 0.01))
            #expect(power > last && power <= 1)
            #expect(try #require(figure.nonInferiorityPower(margin: 0.02)) > power)
            // A truth at the margin is shown with the probability of an error.
            #expect(agree(try #require(figure.nonInferiorityPower(margin: 0.01, truth: -0.01)), 0.025, 1e-9))
            #expect(agree(try #require(figure.power(toShow: 0)), 0.05, 1e-9))
            last = power
        }
    }

    @Test func `power is the share of tests that show it`() throws {
        var runs = SimulatedRuns(seed: 21)
        var shown = 0
        for _ in 0..<2000 {
            let figure = try #require(meanInference((0..<6).map { _ in 0.01 * runs.normal() }))
            if try #require(figure.nonInferiorityP(margin: 0.012)) < 0.025 { shown += 1 }
        }
        let planned = Inference(value: 0, standardError: 0.01 / 6.0.squareRoot(), degreesOfFreedom: 5)
        let power = try #require(planned.nonInferiorityPower(margin: 0.012))
        // Four standard errors of 2,000 trials.
        #expect(abs(Double(shown) / 2000 - power) < 4 * (power * (1 - power) / 2000).squareRoot())
    }

    @Test func `what cannot be planned is refused`() throws {
        #expect(Inference(value: 1).nonInferiorityPower(margin: 1) == nil)
        #expect(Inference(value: 1).power(toShow: 1) == nil)
        #expect(requiredPairs(standardDeviation: 0, halfWidth: 1) == nil)
        #expect(requiredPairs(standardDeviation: 1, halfWidth: 1e-9) == nil)
        #expect(requiredPairs(standardDeviation: 1, halfWidth: .nan) == nil)
        #expect(requiredRepeats(standardDeviations: (0, 0), halfWidth: 1) == nil)
        #expect(requiredRepeats(standardDeviations: (1, 0), halfWidth: 1e9) == 2)
        #expect(requiredPairs(standardDeviation: 1, nonInferiorityMargin: 1, power: 1) == nil)
        #expect(requiredPairs(standardDeviation: 1, difference: 0, power: 0.5) == nil)
        #expect(Inference(value: 0, standardError: 1e-300, degreesOfFreedom: 3).power(toShow: 1) == 1)
        #expect(Inference(value: 0, standardError: 1e-300, degreesOfFreedom: 3).power(toShow: 1e300) == 1)
        // One degree of freedom at 1e-8: the limit is 6e7, and a noncentrality of 6e6 is far below it.
        let unsure = Inference(value: 0, standardError: 1, degreesOfFreedom: 1)
        #expect(try #require(unsure.power(toShow: 6e6, alpha: 1e-8)) < 0.1)
        #expect(NoncentralT(degreesOfFreedom: 1e-300, noncentrality: 0).upperTail(1).isNaN)
    }
}

@Suite("Outliers")
struct OutlierTests {
    @Test func `few or tied values say nothing`() {
        #expect(outliers([1, 1, 1, 100]).isEmpty)
        #expect(modifiedZScores([5, 5, 5, 5, 9]) == nil)
        #expect(modifiedZScores([5, 6, 7, 8, -1]) == nil)
        #expect(modifiedZScores([5, 6, 7, 8, .infinity]) == nil)
        #expect(outliers([]).isEmpty)
    }

    @Test func `a value apart is named whatever its unit and place`() {
        let values = [10, 10.1, 9.9, 10.05, 9.95]
        for place in 0...5 {
            for unit in [1e-300, 1, 1e300] {
                var all = values
                all.insert(14, at: place)
                #expect(outliers(all.map { $0 * unit }) == [place])
            }
        }
    }
}

@Suite("Pareto front and relevance")
struct DecisionTests {
    @Test func `a beaten point is off the front, equal points stand together`() {
        let points = [[10.0, 5, 0.9], [9, 6, 0.9], [10, 5, 0.9], [11, 5, 0.9], [9, 6, 0.89], [20, 20, 0.91]]
        #expect(paretoFront(points, directions: [.smaller, .smaller, .larger]) == [0, 1, 2, 5])
        #expect(paretoFront(points.map { Array($0.prefix(2)) }, directions: [.smaller, .smaller]) == [0, 1, 2, 4])
    }

    @Test func `points that lack a number neither stand nor beat`() {
        #expect(paretoFront([[.nan, 0], [1, 1], [1]], directions: [.smaller, .smaller]) == [1])
        #expect(paretoFront([], directions: [.smaller]).isEmpty)
    }

    @Test func `no point of the front beats another, and each point off it is beaten by one of it`() {
        var runs = SimulatedRuns(seed: 9)
        let points = (0..<200).map { _ in (0..<3).map { _ in runs.normal() } }
        let front = paretoFront(points, directions: [.smaller, .smaller, .smaller])
        let beats = { (a: Int, b: Int) in zip(points[a], points[b]).allSatisfy { $0 < $1 } }
        for index in points.indices {
            #expect(front.contains(index) != front.contains { beats($0, index) })
        }
    }

    @Test func `intervals beside the smallest relevant effect`() {
        #expect(relevance(of: 0.02...0.05, smallestEffect: 0.02) == .relevant)
        #expect(relevance(of: -0.05 ... -0.03, smallestEffect: 0.02) == .relevant)
        #expect(relevance(of: -0.01...0.019, smallestEffect: 0.02) == .negligible)
        #expect(relevance(of: 0.01...0.05, smallestEffect: 0.02) == .undecided)
        #expect(relevance(of: -0.05...0.05, smallestEffect: 0.02) == .undecided)
        #expect(relevance(of: 0.1...0.2, smallestEffect: 0) == .undecided)
        #expect(relevance(ofRatio: 0.90...0.94, smallestSaving: 0.05) == .relevant)
        #expect(relevance(ofRatio: 0.96...1.05, smallestSaving: 0.05) == .negligible)
        #expect(relevance(ofRatio: 0.96...1.06, smallestSaving: 0.05) == .undecided)
        #expect(relevance(ofRatio: 1.06...1.2, smallestSaving: 0.05) == .relevant)
        #expect(relevance(ofRatio: 0.5...0.6, smallestSaving: 1) == .undecided)
    }
}
