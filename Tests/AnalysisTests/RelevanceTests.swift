import Analysis
import Foundation
import Ledger
import Metering
import ProbeTestKit
import Quantities
import Statistics
import Testing

@Suite("Relevance, effect and repeats")
struct RelevanceTests {
    var noise = SeededGenerator(seed: 7)

    mutating func pair(ratio: Double, spread: Double, count: Int = 8) -> (base: [RunRecord], candidate: [RunRecord]) {
        (
            side("a", seconds: 20, watts: 50, noise: noise.factors(count, spread: spread)),
            side("b", seconds: 20 * ratio, watts: 50, noise: noise.factors(count, spread: spread))
        )
    }

    @Test(arguments: [
        (0.8, 0.005, EnergyRelevance.relevant), (1.3, 0.005, .relevant), (0.995, 0.005, .negligible),
        (0.95, 0.03, .undecided),
    ])
    mutating func `a difference is relevant, negligible or undecided`(
        ratio: Double,
        spread: Double,
        expected: EnergyRelevance
    ) throws {
        let (base, candidate) = pair(ratio: ratio, spread: spread)
        let result = try comparison(base, candidate, Criteria(smallestRelevantSaving: 0.05))
        #expect(result.relevance == expected)
        let words =
            switch expected {
            case .relevant: ratio < 1 ? "the saving is relevant" : "the extra energy is relevant"
            case .negligible: "the difference in energy is negligible"
            case .undecided: "is undecided"
            }
        #expect(result.findings.contains { $0.lowercased().contains(words) && $0.contains("the 5 % that") })
        #expect(try comparison(base, candidate).relevance == nil)
    }

    @Test mutating func `the effect is Hedges' g, of pairs that of their differences`() throws {
        let (base, candidate) = pair(ratio: 0.99, spread: 0.01)
        let logs = { (runs: [RunRecord]) in runs.compactMap { $0.end?.account.total.joules?.value }.map { log($0) } }
        let free = try #require(try comparison(base, candidate).effectSize)
        let g = try #require(hedgesG(logs(candidate), logs(base)))
        #expect(free.kind == .hedgesG && abs(free.value - g.value) < 1e-12)
        #expect(free.low == g.interval()?.lowerBound)
        let paired = try #require(try comparison(base, candidate, paired: true).effectSize)
        let d = try #require(pairedEffectSize(logs(candidate), logs(base)))
        #expect(paired.kind == .pairedDz && abs(paired.value - d.value) < 1e-12)
        #expect(try comparison([base[0]], [candidate[0]]).effectSize == nil)
    }

    @Test mutating func `a wide interval says how many repeats a narrow one takes`() throws {
        let (base, candidate) = pair(ratio: 0.99, spread: 0.05, count: 5)
        for paired in [true, false] {
            let result = try comparison(base, candidate, paired: paired)
            #expect(result.verdict == .noDifferenceShown)
            let sentence = try #require(
                result.findings.first { $0.contains("To know the energy ratio of bf16 to 2 %") }
            )
            #expect(sentence.contains(paired ? "pairs of this spread; here are 5" : "runs an arm of this spread"))
            let count = try #require(sentence.split(separator: " ").compactMap { Int($0) }.dropFirst().first)
            // 2 x (2 x 0.05 / 0.02)² is 50 repeats or so.
            #expect(count > 15 && count < 200)
        }
        let sharp = pair(ratio: 0.9, spread: 0.002)
        #expect(!(try comparison(sharp.base, sharp.candidate).findings.mention("To know the energy ratio")))
        let plan = Criteria(until: .init(relativeHalfWidth: 0.001, firstStage: 5))
        #expect(try comparison(sharp.base, sharp.candidate, paired: true, plan).findings.mention("to 0.1 %"))
    }

    @Test mutating func `few runs say what they can and no more`() throws {
        let (base, candidate) = pair(ratio: 0.5, spread: 0.01)
        let one = try comparison([base[0]], [candidate[0]])
        #expect(one.energyRatio?.low == nil && one.speedup.low == nil && one.energyRatio?.p == nil)
        #expect(one.findings.mention("There is 1 run a side, so no interval can be given"))
        #expect(!one.findings.mention("To know"))
        let uneven = try comparison([base[0]], candidate)
        #expect(uneven.energyRatio?.low == nil)
        #expect(uneven.findings.mention("A side has 1 run, so no interval can be given"))
        let two = try comparison(Array(base.prefix(2)), Array(candidate.prefix(2)))
        #expect(two.energyRatio?.low != nil)
        #expect(two.findings.mention("in simulations 87 to 98 % of such 95 % intervals hold the truth"))
        let five = try comparison(Array(base.prefix(5)), Array(candidate.prefix(5)))
        #expect(!five.findings.mention("simulations"))
    }

    @Test mutating func `a bootstrap replaces the intervals of time and energy, and says so`() throws {
        let (base, candidate) = pair(ratio: 0.7, spread: 0.01)
        let t = try comparison(base, candidate)
        let drawn = try comparison(base, candidate, Criteria(intervals: .bootstrap))
        #expect(t.intervalMethod == .t && drawn.intervalMethod == .bootstrap)
        #expect(abs(drawn.speedup.value - t.speedup.value) < 1e-12)
        #expect(drawn.energyRatio?.low != t.energyRatio?.low && drawn.speedup.high != t.speedup.high)
        #expect(drawn.energyRatio == (try comparison(base, candidate, Criteria(intervals: .bootstrap)).energyRatio))
        #expect(drawn.verdict == .savesEnergy)
        #expect(drawn.findings.mention("come from a bootstrap (BCa, 10,000 draws)"))
        #expect(!drawn.findings.mention("below 8 prefer"))
        let few = try comparison(
            Array(base.prefix(5)),
            Array(candidate.prefix(5)),
            paired: true,
            Criteria(intervals: .bootstrap)
        )
        #expect(few.findings.mention("With 5 pairs bootstrap intervals hold the truth in about 84 % of cases"))
    }

    @Test func `experiments of older ledgers name no smallest relevant saving`() throws {
        let record = precisionExperiment(smallestRelevantSaving: 0.05)
        let text = try #require(String(data: JSONEncoder().encode(record), encoding: .utf8))
        let older = text.replacing(",\"smallestRelevantSaving\":0.05", with: "")
            .replacing("\"smallestRelevantSaving\":0.05,", with: "")
        #expect(older != text)
        #expect(try JSONDecoder().decode(ExperimentRecord.self, from: Data(text.utf8)) == record)
        let decoded = try JSONDecoder().decode(ExperimentRecord.self, from: Data(older.utf8))
        #expect(decoded == precisionExperiment())
    }
}
