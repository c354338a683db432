import Statistics
import Testing

/// What `Fixtures/record.py` records for effect sizes, power, trends and the bootstrap.
struct EstimatorReference: Decodable {
    struct FTail: Decodable { var f, d1, d2, tail: Double }
    struct Noncentral: Decodable { var df, delta, t, tail: Double }
    struct Effect: Decodable {
        var x, y, bounds: [Double]
        var g: Double
        var dz: Double?
        var dzBounds: [Double]?
    }
    struct Power: Decodable {
        var s: Double
        var n: Int
        var margin, alpha, oneSided, twoSided: Double
    }
    struct Count: Decodable {
        var s, width, alpha: Double
        var pairs, repeats, nonInferior80, shown90: Int
    }
    struct Outlying: Decodable {
        var values: [Double]
        var scores: [Double]?
        var indices: [Int]
    }
    struct Bootstrapped: Decodable {
        var x, y: [Double]
        var paired: Bool
        var percentile, accelerated: [Double]
    }
    var fTails: [FTail]
    var noncentral: [Noncentral]
    var effects: [Effect]
    var powers: [Power]
    var counts: [Count]
    var outliers: [Outlying]
    var bootstraps: [Bootstrapped]
}

@Suite("Estimators against SciPy")
struct EstimatorReferenceTests {
    let reference: EstimatorReference

    init() throws {
        reference = try loadReference()
    }

    @Test func `tails of F`() {
        for item in reference.fTails {
            let tail = FDistribution(numerator: item.d1, denominator: item.d2).upperTail(item.f)
            #expect(agree(tail, item.tail), "F(\(item.d1), \(item.d2)) above \(item.f): \(tail), not \(item.tail)")
        }
    }

    @Test func `tails of noncentral t, to 1e-11 absolute`() {
        #expect(reference.noncentral.count == 150)
        for item in reference.noncentral {
            let distribution = NoncentralT(degreesOfFreedom: item.df, noncentrality: item.delta)
            let tail = distribution.upperTail(item.t)
            #expect(abs(tail - item.tail) < 1e-11, "df \(item.df), δ \(item.delta), t \(item.t): \(tail)")
            #expect(abs(distribution.cumulative(item.t) - (1 - item.tail)) < 1e-11)
        }
    }

    @Test func `effect sizes`() throws {
        for item in reference.effects {
            let effect = try #require(hedgesG(item.x, item.y))
            #expect(agree(effect.value, item.g, 1e-11), "\(effect.value), not \(item.g)")
            #expect(near(effect.interval(), item.bounds, 1e-7), "n \(item.x.count): \(effect)")
            guard let dz = item.dz, let bounds = item.dzBounds else { continue }
            let pairs = try #require(pairedEffectSize(item.x, item.y))
            #expect(agree(pairs.value, dz, 1e-11))
            #expect(near(pairs.interval(), bounds, 1e-7))
        }
    }

    @Test func `power of both tests`() throws {
        for item in reference.powers {
            let figure = Inference(
                value: 0,
                standardError: item.s / Double(item.n).squareRoot(),
                degreesOfFreedom: Double(item.n - 1)
            )
            let oneSided = try #require(figure.nonInferiorityPower(margin: item.margin, alpha: item.alpha))
            let twoSided = try #require(figure.power(toShow: item.margin, alpha: item.alpha))
            #expect(abs(oneSided - item.oneSided) < 1e-10)
            #expect(abs(twoSided - item.twoSided) < 1e-10)
        }
    }

    @Test func `required counts`() {
        for item in reference.counts {
            #expect(
                requiredPairs(standardDeviation: item.s, halfWidth: item.width, alpha: item.alpha) == item.pairs
            )
            #expect(
                requiredRepeats(
                    standardDeviations: (item.s, item.s / 2),
                    halfWidth: item.width,
                    alpha: item.alpha
                ) == item.repeats
            )
            #expect(
                requiredPairs(
                    standardDeviation: item.s,
                    nonInferiorityMargin: item.width,
                    power: 0.8,
                    alpha: item.alpha / 2
                ) == item.nonInferior80
            )
            #expect(
                requiredPairs(standardDeviation: item.s, difference: -item.width, power: 0.9, alpha: item.alpha)
                    == item.shown90
            )
        }
    }

    @Test func `modified z-scores`() throws {
        for item in reference.outliers {
            let scores = modifiedZScores(item.values)
            #expect((scores == nil) == (item.scores == nil))
            #expect(zip(scores ?? [], item.scores ?? []).allSatisfy { abs($0 - $1) <= 1e-9 * max(1, abs($1)) })
            #expect(outliers(item.values) == item.indices)
        }
    }

    /// The recorder draws the same resamples and lets SciPy make the intervals of them.
    @Test func `bootstrap intervals of the same resamples`() throws {
        for item in reference.bootstraps {
            let answer = try #require(
                item.paired
                    ? bootstrapPairedRatio(item.x, item.y, resamples: 5000, seed: 7)
                    : bootstrapRatio(item.x, item.y, resamples: 5000, seed: 7)
            )
            for (method, bounds) in [
                (BootstrapMethod.percentile, item.percentile), (.biasCorrectedAccelerated, item.accelerated),
            ] {
                let interval = answer.interval(method: method)
                #expect(agree(interval, bounds, 1e-9), "\(method), n \(item.x.count): \(String(describing: interval))")
            }
        }
    }
}

/// Whether both bounds agree to an absolute or relative tolerance, whichever is wider.
func near(_ range: ClosedRange<Double>?, _ bounds: [Double], _ tolerance: Double) -> Bool {
    guard let range else { return false }
    return abs(range.lowerBound - bounds[0]) <= tolerance * max(1, abs(bounds[0]))
        && abs(range.upperBound - bounds[1]) <= tolerance * max(1, abs(bounds[1]))
}
