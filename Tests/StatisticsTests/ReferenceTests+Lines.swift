import Statistics
import Testing

/// What `Fixtures/record.py` records for trends, drift and carry-over.
struct LineReference: Decodable {
    struct Line: Decodable {
        var x, y: [Double]
        var at: Double
        var slope: [Double]
        var p: Double
        var intercept, fitted: [Double]
        var r2: Double
    }
    struct Weighted: Decodable {
        var x, y, errors, df: [Double]
        var slope, error, slopeDF: Double
        var birge: Double?
        var intercept, interceptError: Double
    }
    struct FTestAnswer: Decodable { var f, d1, d2, p: Double }
    struct Order: Decodable {
        var y: [Double]
        var arms, blocks: [Int]
        var slope, error, p: Double
        var carry: [FTestAnswer?]
    }
    var trends: [Line]
    var weighted: [Weighted]
    var orders: [Order]
}

@Suite("Lines against SciPy")
struct LineReferenceTests {
    let reference: LineReference

    init() throws {
        reference = try loadReference()
    }

    @Test func `least squares`() throws {
        for item in reference.trends {
            let line = try #require(trend(item.x, item.y))
            #expect(agree(line.slope.value, item.slope[0], 1e-9))
            #expect(try agree(#require(line.slope.standardError), item.slope[1], 1e-8))
            #expect(agree(line.slope.interval(), Array(item.slope[2...]), 1e-7))
            #expect(try agree(#require(line.slope.pValue()), item.p, 1e-7))
            #expect(line.rSquared.map { abs($0 - item.r2) < 1e-10 } == true)
            for (x, expected) in [(0, item.intercept), (item.at, item.fitted)] {
                let value = line.value(at: x)
                #expect(agree(value.value, expected[0], 1e-8))
                #expect(try agree(#require(value.standardError), expected[1], 1e-8))
                #expect(value.degreesOfFreedom == Double(item.x.count - 2))
            }
        }
    }

    @Test func `least squares with known errors`() throws {
        for item in reference.weighted {
            let figures = item.y.indices.map {
                Inference(value: item.y[$0], standardError: item.errors[$0], degreesOfFreedom: item.df[$0])
            }
            let line = try #require(trend(item.x, figures))
            #expect(agree(line.slope.value, item.slope, 1e-6))
            #expect(try agree(#require(line.slope.standardError), item.error, 1e-6))
            #expect(try agree(#require(line.slope.degreesOfFreedom), item.slopeDF, 1e-9))
            #expect(agree(line.value(at: 0).value, item.intercept, 1e-6))
            #expect(try agree(#require(line.value(at: 0).standardError), item.interceptError, 1e-6))
            #expect((line.birgeRatio == nil) == (item.birge == nil))
            if let birge = item.birge { #expect(line.birgeRatio.map { agree($0, birge, 1e-6) } == true) }
        }
    }

    @Test func `drift and carry-over`() throws {
        for item in reference.orders {
            let slope = try #require(drift(item.y, at: item.y.indices.map(Double.init), arms: item.arms))
            #expect(agree(slope.value, item.slope, 1e-8))
            #expect(try agree(#require(slope.standardError), item.error, 1e-8))
            #expect(try agree(#require(slope.pValue()), item.p, 1e-7))
            for (blocks, expected) in zip([nil, item.blocks], item.carry) {
                let test = carryOver(item.y, arms: item.arms, blocks: blocks)
                #expect((test == nil) == (expected == nil))
                guard let test, let expected else { continue }
                #expect(test.distribution == FDistribution(numerator: expected.d1, denominator: expected.d2))
                #expect(agree(test.statistic, expected.f, 1e-7), "\(test.statistic), not \(expected.f)")
                #expect(agree(test.pValue, expected.p, 1e-7))
            }
        }
    }
}
