import Carbon
import Foundation
import GRDB
import Metering
import Quantities
import Testing

@testable import Ledger

/// A folder of a test's own, removed with ``clean()``.
struct Scratch {
    let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("ledger-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    func clean() {
        let inside = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for place in [folder] + inside.map({ path($0) }) {
            try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: place)
        }
        try? FileManager.default.removeItem(atPath: folder)
    }

    func path(_ name: String = "l.sqlite") -> String { folder + "/" + name }

    func ledger(_ name: String = "l.sqlite") throws -> LedgerFile {
        try LedgerFile(path: path(name), mode: .readWrite)
    }

    /// The names of all files, sorted.
    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }

    /// The folder of files that tests read.
    static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Fixtures/"
}

func channel(_ name: String, kind: Channel.Kind = .energyCounter(joulesPerCount: 1e-6, range: nil)) -> Channel {
    Channel(
        name: name,
        device: .cpu,
        domain: "package",
        kind: kind,
        basis: .measured,
        inTotal: true,
        relativeUncertainty: 0.03,
        uncertaintySource: "invented",
        updatePeriod: Seconds(0.001),
        source: "invented"
    )
}

func channels(_ count: Int) -> [Channel] { (0..<count).map { channel("test/\($0)") } }

let testHost = Metering.Host(
    name: "h",
    cpu: "c",
    cores: 2,
    memoryBytes: 1 << 30,
    kernel: "k",
    os: "o",
    bootID: "boot-1"
)

func runStart(
    _ id: String = "run-1",
    name: String = "n",
    host: Metering.Host = testHost,
    startedAt: Int64 = 1_700_000_000_000_000,
    pid: Int32 = getpid(),
    birth: ProcessBirth? = nil
) -> RunStart {
    RunStart(
        id: id,
        name: name,
        command: ["true"],
        host: host,
        startedAt: startedAt,
        start: 0,
        interval: 0.1,
        writerPID: pid,
        writerBirth: birth
    )
}

func runEnd(_ state: RunState = .finished) -> RunEnd {
    RunEnd(
        state: state,
        exitStatus: 0,
        end: 1_000_000_000,
        marks: Marks(),
        account: EnergyAccount(
            total: EnergyReading(joules: nil, uncertainty: nil, randomUncertainty: nil, basis: .measured, coverage: []),
            channels: [],
            regions: []
        )
    )
}

/// Ticks `first..<first + count` of a steady trace, 100 ms apart, which two channels see rise.
func steady(_ channels: [Channel], _ first: Int, _ count: Int) -> Trace {
    let ticks = first..<first + count
    return Trace(
        channels: channels,
        before: ticks.map { Int64($0) * 100_000_000 },
        after: ticks.map { Int64($0) * 100_000_000 + 5000 },
        columns: channels.indices.map { place in ticks.map { UInt64($0 * 1000 * (place + 1)) } }
    )
}

/// What a closure throws, as the ledger's error.
func ledgerError(_ body: () throws -> Void) -> LedgerError? {
    do {
        try body()
        return nil
    } catch {
        return error as? LedgerError
    }
}

extension LedgerFile {
    /// Runs a statement past the interface, as anyone with SQLite might.
    func execute(_ sql: String) throws { try database.write { try $0.execute(sql: sql) } }

    func number(_ sql: String) throws -> Int { try database.read { try Int.fetchOne($0, sql: sql) } ?? -1 }
}
