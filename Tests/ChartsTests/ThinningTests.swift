import Testing

@testable import Charts

@Suite struct ThinningTests {
    @Test func extremesStay() {
        var points = (0..<100_000).map { Point(x: Double($0), y: Double(($0 * 7919) % 101)) }
        points[54_321].y = 1e6
        points[777].y = -5
        let thin = thinned(points, limit: 800)
        #expect(thin.count <= 800)
        #expect(thin.map(\.y).max() == 1e6 && thin.map(\.y).min() == -5)
        #expect(thin.first == points.first && thin.last == points.last)
        #expect(zip(thin, thin.dropFirst()).allSatisfy { $0.x < $1.x })
    }

    @Test func shortLineIsUnchanged() {
        let points = (0..<800).map { Point(x: Double($0), y: 1) }
        #expect(thinned(points, limit: 800) == points)
    }

    @Test func longGapStaysAGap() {
        let points = (0..<10_000).map { Point(x: Double($0), y: (3000..<5000).contains($0) ? .nan : 40) }
        let thin = thinned(points, limit: 100)
        #expect(thin.contains { $0.y.isNaN })
        #expect(thin.filter { $0.y.isNaN }.allSatisfy { (3000..<5000).contains(Int($0.x)) })
    }
}
