import Analysis
import Ledger
import Testing

@Suite("Quality")
struct QualityTests {
    let criterion = Criteria(quality: QualityCriterion(metric: "iou", higherIsBetter: true, margin: 0.01))

    func judge(_ base: [Double], _ candidate: [Double], paired: Bool = true) throws -> Comparison {
        let runs = { (name: String, values: [Double]) in
            side(name, seconds: 20, watts: 50, noise: values.indices.map { 1 + 0.001 * Double($0 * $0 % 5) }) {
                $0.metrics["iou"] = values[$0.block]
            }
        }
        return try comparison(runs("a", base), runs("b", candidate), paired: paired, criterion)
    }

    @Test func `the same difference in every pair is judged as it stands`() throws {
        let values = [0.75, 0.79, 0.77, 0.76]
        let same = try judge(values, values)
        #expect(same.quality?.verdict == .kept && same.quality?.isDeterministic == true)
        #expect(same.findings.mention("the same on both sides in all 4 pairs (0.7675), without any spread"))
        let worse = try judge([0.75, 0.75, 0.75], [0.5, 0.5, 0.5])
        #expect(worse.quality?.verdict == .lost && worse.quality?.difference.low == nil)
        #expect(worse.findings.mention("the same difference of -0.25 in all 3 pairs, beyond the margin"))
        let free = try judge([0.75, 0.75], [0.75, 0.75], paired: false)
        #expect(free.quality?.verdict == .kept)
        #expect(free.findings.mention("between all runs"))
        // One pair tells no spread at all.
        let single = try judge([0.75], [0.75])
        #expect(single.quality?.verdict == .notShown && single.quality?.isDeterministic == false)
        #expect(single.quality?.power == nil)
    }

    @Test(arguments: [true, false]) func `what is not shown is told with its power`(paired: Bool) throws {
        let base = [0.79, 0.78, 0.80, 0.785, 0.795]
        let candidate = [0.78, 0.80, 0.785, 0.79, 0.788]
        let result = try judge(base, candidate, paired: paired)
        let quality = try #require(result.quality)
        #expect(quality.verdict == .notShown)
        let power = try #require(quality.power)
        let wanted = try #require(quality.repeatsForPower)
        #expect(power > 0 && power < 0.8 && wanted > 5)
        let unit = paired ? "pairs" : "runs an arm"
        #expect(
            result.findings.mention(
                "With this spread and 5 \(unit), a candidate that loses nothing would be shown to keep it in"
            )
        )
        #expect(result.findings.mention("; \(wanted) \(unit) would make it 80 %."))
        let kept = try judge([0.79, 0.791, 0.789], [0.7901, 0.7908, 0.7893], paired: paired)
        #expect(kept.quality?.verdict == .kept && kept.quality?.power == nil)
        #expect(!kept.findings.mention("With this spread"))
    }
}
