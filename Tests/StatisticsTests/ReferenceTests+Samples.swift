import RealModule
import Statistics
import Testing

/// What `Fixtures/record.py` records for ratios at 1 %, Fieller, non-inferiority, two stages and Pareto fronts.
struct SampleReference: Decodable {
    struct Pair: Decodable {
        var x, y: [Double]
        var alpha, p: Double
        var interval: [Double]
        var fieller: [Double]?
        var pairedP: Double?
        var pairedInterval: [Double]?
        var margin, nonInferiorityP, halfWidth: Double?
        var stein: Int?
        var more, twoStage: [Double]?
    }
    struct Front: Decodable {
        var points: [[Double]]
        var directions: String
        var front: [Int]
    }
    var samples: [Pair]
    var fronts: [Front]
}

@Suite("Samples against SciPy")
struct SampleReferenceTests {
    let reference: SampleReference

    init() throws {
        reference = try loadReference()
    }

    @Test func `ratios of two samples at 1 %, and Fieller`() throws {
        for item in reference.samples {
            let ratio = try #require(welchRatio(item.x, item.y))
            #expect(try agree(#require(ratio.pValue), item.p, 1e-6))
            #expect(agree(ratio.interval(alpha: item.alpha), item.interval, 1e-8))
            guard let bounds = item.fieller else { continue }
            #expect(agree(fieller(item.x, item.y)?.interval, bounds, 1e-6), "\(item.x.count) values")
        }
    }

    @Test func `ratios of pairs, one and two stages, and non-inferiority`() throws {
        for item in reference.samples where item.x.count == item.y.count {
            let ratio = try #require(pairedRatio(item.x, item.y))
            #expect(try agree(#require(ratio.pValue), #require(item.pairedP), 1e-6))
            #expect(try agree(ratio.interval(alpha: item.alpha), #require(item.pairedInterval), 1e-8))
            let p = try ratio.logarithm.nonInferiorityP(margin: #require(item.margin))
            #expect(try agree(#require(p), #require(item.nonInferiorityP), 1e-6))
            let differences = zip(item.x, item.y).map { Double.log($0) - Double.log($1) }
            #expect(try steinCount(firstStage: differences, halfWidth: #require(item.halfWidth)) == item.stein)
            let more = try #require(item.more)
            let two = twoStageRatio(item.x + more, item.y + more.map { _ in 1 }, firstStage: item.x.count)
            #expect(try agree(two?.interval(), #require(item.twoStage), 1e-8))
        }
    }

    @Test func `Pareto fronts with ties`() {
        for item in reference.fronts {
            let directions = item.directions.map { $0 == "s" ? Direction.smaller : .larger }
            #expect(paretoFront(item.points, directions: directions) == item.front)
        }
    }
}
