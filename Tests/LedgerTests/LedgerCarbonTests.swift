import Carbon
import Metering
import Quantities
import Testing

@testable import Ledger

/// Later accounts and what live sources published, kept beside everything else.
@Suite struct LedgerCarbonTests {
    @Test func accountsStandBesideOneAnother() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let ledger = try scratch.ledger()
        let start = FullRecords.start
        try ledger.add(FullRecords.experiment)
        try ledger.begin(start, channels: [channels(2)])
        try ledger.finish(start.id, FullRecords.end)
        let before = try ledger.record(start.id)
        #expect(try ledger.withNewestCarbon([before]) == [before])
        // Two in one instant are two all the same.
        for zone in ["FR", "SE"] { try ledger.add(CarbonSettings(zone: zone), to: start.id, at: 7) }
        #expect(try ledger.carbonEntries(of: start.id).map(\.settings.zone) == ["FR", "SE"])
        #expect(try ledger.carbonEntries(of: start.id).map(\.madeAt) == [7, 8])
        #expect(try ledger.record(start.id) == before, "the run itself is as it was")
        #expect(try ledger.withNewestCarbon([before])[0].start.carbon.zone == "SE")
        #expect(try ledger.withNewestCarbon([before])[0].end == before.end)
    }

    @Test func everyFactorComesBack() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let ledger = try scratch.ledger()
        try ledger.add(FullRecords.experiment)
        try ledger.begin(FullRecords.start, channels: [channels(2)])
        let part = Intensity.Part(from: 0, to: 3600, share: 1, value: GramsPerKilowattHour(7))
        let full = CarbonSettings(
            zone: "GB",
            pue: 1.1,
            pueYear: 2024,
            pueSource: "s",
            unmeasuredFactor: 1.15,
            unmeasuredSource: "u",
            intensity: Intensity(
                value: GramsPerKilowattHour(7),
                source: "x",
                year: 2026,
                basis: .direct,
                kind: .marginal,
                uncertainty: 0.2,
                parts: [part],
                url: "https://",
                fetchedAt: 9,
                note: "n"
            ),
            marketIntensity: Intensity(value: .zero, source: "c"),
            live: LiveSource(service: .gb, region: "13"),
            embodied: Embodied(items: [.init(name: "node", kilograms: 1, lifetimeYears: 2, share: 0.5, source: "e")]),
            site: "site"
        )
        try ledger.add(full, to: FullRecords.start.id, at: 1)
        #expect(try ledger.carbonEntries(of: FullRecords.start.id).map(\.settings) == [full])
    }

    @Test func whatWasPublishedIsFoundByTime() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let ledger = try scratch.ledger()
        var one = FullRecords.published
        one.isProvisional = true
        try ledger.add([one])
        var later = one
        later.interval.value = GramsPerKilowattHour(9)
        later.fetchedAt = 1_000_000_000
        later.isProvisional = false
        let run: Range<Int64> = 2_000_000_000..<2_100_000_000
        let find = { (now: Int64) in try ledger.published(by: one.source, for: run, now: now) }
        #expect(try find(100) == [one])
        #expect(try find(2_000_000_000) == [], "a forecast is asked for again")
        try ledger.add([later])
        #expect(try find(.max) == [later], "what is final stands for good")
        #expect(try ledger.number("SELECT count(*) FROM published_intensity") == 2)
        #expect(try ledger.published(by: LiveSource(service: .gb), for: run, now: 100) == [])
        #expect(try ledger.published(by: one.source, for: 3_700_000_000..<3_800_000_000, now: 100) == [])
    }

    @Test func aMergeBringsLaterAccountsOfKnownRuns() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let ledger = try scratch.ledger()
        let other = try LedgerFile(path: scratch.path("other.sqlite"), mode: .readWrite)
        for one in [ledger, other] {
            try one.add(FullRecords.experiment)
            try one.begin(FullRecords.start, channels: [channels(2)])
            try one.finish(FullRecords.start.id, FullRecords.end)
        }
        try other.add(CarbonSettings(zone: "NO"), to: FullRecords.start.id, at: 3)
        try other.add([FullRecords.published])
        #expect(try ledger.merge(other).known == 1)
        #expect(try ledger.merge(other).known == 1)
        #expect(try ledger.carbonEntries(of: FullRecords.start.id).map(\.settings.zone) == ["NO"])
        #expect(try ledger.number("SELECT count(*) FROM published_intensity") == 1)
    }
}
