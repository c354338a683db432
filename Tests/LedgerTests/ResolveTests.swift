import Metering
import Testing

@testable import Ledger

/// What a user types for a run or an experiment.
@Suite struct ResolveTests {
    private func ledger(_ scratch: Scratch) throws -> LedgerFile {
        let ledger = try scratch.ledger()
        for (place, (id, name)) in [
            ("01aaaa", "one"), ("01aabb", "twin"), ("01bbbb", "twin"), ("02cccc", "it's \"π\" 50%_"), ("02cccd", "01b"),
        ].enumerated() {
            try ledger.begin(runStart(id, name: name, startedAt: Int64(place)), channels: [])
        }
        var idle = runStart("03idle", name: "idle", startedAt: 100)
        idle.role = .idle
        try ledger.begin(idle, channels: [])
        return ledger
    }

    static let known = [
        ("01aaaa", "01aaaa"), ("01AAAA", "01aaaa"), ("01aaa", "01aaaa"), ("01bb", "01bbbb"), ("one", "01aaaa"),
        ("it's \"π\" 50%_", "02cccc"), ("last", "02cccd"), ("last~0", "02cccd"), ("last~1", "02cccc"),
        ("last~4", "01aaaa"), ("03", "03idle"), ("02cccd", "02cccd"),
        // A name that is typed in full wins over the beginning of an id.
        ("01b", "02cccd"),
    ]

    @Test(arguments: known)
    func finds(reference: String, id: String) throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        #expect(try ledger(scratch).resolve(reference) == id)
    }

    static let unknown = [
        "", "nothing", "%", "01a%", "0_", "last~5", "last~-1", "last~x", "last~99999999999999999999", "~", "01aaaa0",
        "' OR 1=1 --",
    ]

    @Test(arguments: unknown)
    func findsNothing(reference: String) throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let error = ledgerError { _ = try ledger(scratch).resolve(reference) }
        #expect(error?.code == .notFound)
        #expect(error?.problem.contains("'\(reference)'") == true)
    }

    @Test(arguments: [("01aa", ["01aaaa", "01aabb"]), ("0", ["01aaaa", "02cccc"]), ("twin", ["01aabb", "01bbbb"])])
    func namesWhatIsAmbiguous(reference: String, ids: [String]) throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let error = ledgerError { _ = try ledger(scratch).resolve(reference) }
        #expect(error?.code == .notFound)
        for id in ids { #expect(error?.problem.contains(id) == true) }
    }

    @Test func anEmptyLedgerHasNoLastRun() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        #expect(ledgerError { _ = try scratch.ledger().resolve("last") }?.code == .notFound)
        #expect(ledgerError { _ = try scratch.ledger().record("x") }?.code == .notFound)
    }

    @Test func experiments() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let ledger = try scratch.ledger()
        for (place, (id, name)) in [("0a1", "old"), ("0a2", "same"), ("0b3", "same")].enumerated() {
            var record = FullRecords.experiment
            (record.id, record.name, record.createdAt) = (id, name, Int64(place))
            try ledger.add(record)
        }
        #expect(try ledger.experiments().map(\.id) == ["0b3", "0a2", "0a1"])
        #expect(try ledger.experiment("0a2").id == "0a2")
        #expect(try ledger.experiment("same").id == "0b3", "the newest of a name")
        #expect(try ledger.experiment("0B").id == "0b3")
        let error = ledgerError { _ = try ledger.experiment("0a") }
        #expect(error?.problem.contains("0a1") == true && error?.problem.contains("0a2") == true)
        #expect(ledgerError { _ = try ledger.experiment("") }?.code == .notFound)
    }

    @Test func idsSortByTimeAndDiffer() {
        let ids = (0..<2000).map { newID(at: 1_700_000_000_000_000 + Int64($0) * 1000) }
        #expect(ids == ids.sorted())
        #expect(Set((0..<2000).map { _ in newID(at: 5) }).count == 2000)
        #expect(newID(at: -1).count == 18 && newID(at: .max).count == 18)
    }
}
