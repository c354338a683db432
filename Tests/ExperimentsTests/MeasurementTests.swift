import Discovery
import Foundation
import GRDB
import Metering
import Quantities
import Testing

@testable import Experiments
@testable import Ledger

@Suite("Measuring a command")
struct MeasurementTests {
    private let folder: String
    private let ledger: LedgerFile

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "measurement-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        ledger = try LedgerFile(path: folder + "/l.sqlite", mode: .readWrite)
    }

    private func measure(_ script: String) throws -> MeasurementOutcome {
        let inventory = try discover(SensorSelection(root: "/", probes: ["model"], replay: nil))
        let measurement = Measurement(ledger: ledger, inventory: inventory, host: Host.read(root: "/"))
        return try measurement.measure(
            MeasurementRequest(command: ["sh", "-c", script], name: "x", interval: 5_000_000)
        )
    }

    @Test("keeps in the ledger what it hands out")
    func stored() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let outcome = try measure("echo \"1 1.1 metric iou=0.5\" >> $WATTBOOK_MARKS; sleep 0.1")
        #expect(outcome.ledgerFailure == nil)
        #expect(outcome.rescue == nil)
        let stored = try ledger.record(outcome.run.start.id)
        #expect(stored == outcome.run)
        #expect(stored.end?.metrics == ["iou": 0.5])
        let trace = try #require(try ledger.traces(stored.start.id).first)
        #expect(trace.count == stored.end?.sampler?.ticks)
        let (start, end) = (stored.start.start, try #require(stored.end?.end))
        #expect(trace.before.first.map { $0 <= start } == true, "a sample right before the spawn")
        #expect(trace.after.last.map { $0 >= end } == true, "and one right after the reaping")
        let marksPath = try #require(stored.start.marksPath)
        #expect(!FileManager.default.fileExists(atPath: marksPath))
    }

    @Test("closes a region that a process left open where that process ended")
    func leftOpen() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let leaves = "read up rest < /proc/uptime; echo \"${up%.*}${up#*.}0000000 $$.$$ begin left\" >> $WATTBOOK_MARKS"
        let end = try #require(try measure("sh -c '\(leaves); sleep 0.8'; sleep 2").run.end)
        let region = try #require(end.account.regions.first)
        #expect((0.6...1.8).contains(region.duration.value))
        #expect(end.warnings.contains("Left open and closed where their process ended: left."))
    }

    @Test("loses nothing to a full disk: the run is whole in a ledger of its own")
    func fullDisk() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try measure("true")
        // From here on SQLite finds no room for another page.
        try ledger.database.writeWithoutTransaction { database in
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            try database.execute(sql: "PRAGMA max_page_count = \(pages)")
        }
        var outcome = try measure("sleep 0.2")
        for _ in 0..<20 where outcome.ledgerFailure == nil { outcome = try measure("sleep 0.2") }
        let failure = try #require(outcome.ledgerFailure as? LedgerError)
        #expect(failure.code.exitCode == 74)
        #expect(failure.description.contains(folder))
        #expect((outcome.run.end?.account.total.joules?.value ?? 0) > 0)

        let path = try #require(outcome.rescue)
        defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) } }
        let rescued = try LedgerFile(path: path, mode: .readOnly)
        let kept = try rescued.record(rescued.resolve("last"))
        #expect(kept.end == outcome.run.end)
        #expect(kept.start.tags["rescued"] == outcome.run.start.id)
        #expect(try rescued.traces(kept.start.id).first?.count == outcome.run.end?.sampler?.ticks)
        // The disk has room again: the run comes home under its new name.
        try ledger.database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
        #expect(try ledger.merge(rescued).added == 1)
        #expect(try ledger.record(kept.start.id) == kept)
        #expect(try ledger.record(first.run.start.id) == first.run, "what was stored before stands")
    }

    /// The clock of a processor as 1 W beside a counter that the command itself drives with 10 W.
    @Test("warns where two readings of one counter disagree")
    func disagreement() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let zone = "/sys/class/powercap/intel-rapl:0"
        let unit = "/sys/bus/event_source/devices/power"
        for (path, text) in [
            (zone + "/name", "package-0"), (zone + "/energy_uj", "1000000"), (unit + "/type", "1"),
            (zone + "/max_energy_range_uj", "262143328850"), (unit + "/cpumask", "0"),
            (unit + "/events/energy-pkg", "event=0x00"), (unit + "/events/energy-pkg.unit", "Joules"),
            (unit + "/events/energy-pkg.scale", "1e-9"),
            ("/sys/devices/system/cpu/cpu0/topology/physical_package_id", "0"),
        ] {
            let file = URL(filePath: folder + path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data((text + "\n").utf8).write(to: file)
        }
        let inventory = try discover(SensorSelection(root: folder, probes: ["perf", "powercap"], replay: nil))
        guard inventory.channels.count == 2 else {
            try Test.cancel("this user may not count events of whole processors")
        }
        let script = """
            for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.03; echo $((1000000 + i * 300000)) > '\(folder + zone)/energy_uj'; done
            """
        let outcome = try Measurement(ledger: ledger, inventory: inventory, host: Host.read(root: "/")).measure(
            MeasurementRequest(command: ["sh", "-c", script], name: "x", interval: 5_000_000)
        )
        let warnings = try #require(outcome.run.end).warnings
        #expect(warnings.count { $0.hasPrefix("perf/package-0 and powercap/package-0 read one counter") } == 1)
    }

    @Test("of a program that cannot be started leaves nothing behind")
    func noProgram() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let inventory = try discover(SensorSelection(root: "/", probes: ["model"], replay: nil))
        let measurement = Measurement(ledger: ledger, inventory: inventory, host: Host.read(root: "/"))
        #expect(throws: SpawnError.self) {
            try measurement.measure(MeasurementRequest(command: ["/nowhere/program"], name: "x"))
        }
        #expect(try ledger.runs().isEmpty)
    }
}
