import Foundation
import Statistics
import Testing

/// What SciPy answered; `Fixtures/record.py` writes it.
struct Reference: Decodable {
    struct Tail: Decodable { var df, t, tail: Double }
    struct Quantile: Decodable { var df, q, t: Double }
    struct Beta: Decodable { var x, a, b, value: Double }
    struct Comparison: Decodable {
        var x, y: [Double]
        var welchP, welchDF: Double
        var welchInterval: [Double]
        var ratioP: Double
        var ratioInterval: [Double]
        var pairedP: Double?
        var pairedInterval: [Double]?
    }
    struct Family: Decodable { var p, adjusted: [Double] }
    var tails: [Tail]
    var quantiles: [Quantile]
    var betas: [Beta]
    var comparisons: [Comparison]
    var families: [Family]
}

/// The part of the recorded answers that a suite declares.
func loadReference<Part: Decodable>() throws -> Part {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    let data = try Data(contentsOf: folder.appending(path: "Fixtures/scipy.json"))
    return try JSONDecoder().decode(Part.self, from: data)
}

/// Whether two numbers agree to a relative tolerance.
func agree(_ a: Double, _ b: Double, _ tolerance: Double = 1e-10) -> Bool {
    (a - b).magnitude <= tolerance * max(a.magnitude, b.magnitude)
}

func agree(_ range: ClosedRange<Double>?, _ bounds: [Double], _ tolerance: Double) -> Bool {
    guard let range else { return false }
    return agree(range.lowerBound, bounds[0], tolerance) && agree(range.upperBound, bounds[1], tolerance)
}

@Suite("Against SciPy")
struct ReferenceTests {
    let reference: Reference

    init() throws {
        reference = try loadReference()
    }

    @Test func `tails of Student's t`() {
        #expect(reference.tails.count > 80)
        for item in reference.tails {
            let tail = StudentT(degreesOfFreedom: item.df).upperTail(item.t)
            #expect(agree(tail, item.tail), "df \(item.df), t \(item.t): \(tail), not \(item.tail)")
        }
    }

    @Test func `quantiles of Student's t`() {
        #expect(reference.quantiles.count > 80)
        for item in reference.quantiles {
            let t = StudentT(degreesOfFreedom: item.df).upperQuantile(item.q)
            #expect(agree(t, item.t), "df \(item.df), q \(item.q): \(t), not \(item.t)")
        }
    }

    @Test func `incomplete beta function`() {
        for item in reference.betas {
            let value = regularizedIncompleteBeta(item.x, item.a, item.b)
            #expect(agree(value, item.value), "I_\(item.x)(\(item.a), \(item.b)): \(value), not \(item.value)")
        }
    }

    @Test func `Welch and the ratios`() throws {
        for item in reference.comparisons {
            let difference = try #require(welch(item.x, item.y))
            #expect(try agree(#require(difference.degreesOfFreedom), item.welchDF, 1e-8))
            #expect(try agree(#require(difference.pValue()), item.welchP, 1e-6))
            #expect(agree(difference.interval(), item.welchInterval, 1e-6))
            let ratio = try #require(welchRatio(item.x, item.y))
            #expect(try agree(#require(ratio.pValue), item.ratioP, 1e-6))
            #expect(agree(ratio.interval(), item.ratioInterval, 1e-9))
            guard let p = item.pairedP, let bounds = item.pairedInterval else { continue }
            let pairs = try #require(pairedRatio(item.x, item.y))
            #expect(try agree(#require(pairs.pValue), p, 1e-6))
            #expect(agree(pairs.interval(), bounds, 1e-9))
        }
    }

    @Test func `Holm's adjustment`() {
        for family in reference.families {
            let decisions = holm(family.p)
            for (decision, adjusted) in zip(decisions, family.adjusted) {
                #expect(decision.map { agree($0.adjustedP, adjusted, 1e-14) } == true)
                #expect(decision?.isRejected == (adjusted < 0.05))
            }
        }
    }
}
