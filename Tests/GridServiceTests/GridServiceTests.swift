import Carbon
import Foundation
import GridService
import Quantities
import Testing

/// Figures of the stand-in, never of a grid.
@Suite("Live intensities") struct GridServiceTests {
    private static let now = Int64(Date().timeIntervalSince1970 * 1e6)
    private static let day: Int64 = 86_400_000_000
    private let standIn: StandIn

    init() throws { standIn = try StandIn() }

    private func ask(
        _ text: String,
        fault: String = "ok",
        run: Range<Int64>,
        changing: (inout [String: String]) -> Void = { _ in }
    ) throws -> Intensity {
        var environment = standIn.environment(fault)
        changing(&environment)
        let source = try #require(LiveSource(text))
        let service = try GridService(source, zone: "DE", environment: environment, timeout: 1.5)
        let published = try service.published(for: run, now: Self.now)
        #expect(published.allSatisfy { $0.source == service.source && $0.fetchedAt == Self.now })
        return try IntensitySeries.mean(of: published, over: run) { _ in nil }
    }

    @Test func `Electricity Maps: this hour, the last day, long ago`() throws {
        let hour = Self.now / 3_600_000_000 * 3_600_000_000
        let latest = try ask("electricity-maps", run: max(hour, Self.now - 1_000_000)..<Self.now)
        #expect(latest.value.value == 302 && latest.basis == .lifeCycle && latest.kind == .average)
        #expect(latest.url?.hasSuffix("latest?zone=DE&emissionFactorType=lifecycle") == true)
        #expect(latest.fetchedAt == Self.now && latest.source == "Electricity Maps" && latest.note == nil)
        let before = Self.now - 5 * 3_600_000_000
        let history = try ask("electricity-maps:FR", run: before..<before + 1_000_000)
        #expect(history.value.value == 250 && history.url?.contains("history?zone=FR") == true)
        // From half past to half past: two hours of 200 and 210, weighted evenly.
        let past = (hour - 40 * Self.day) + 1_800_000_000
        let range = try ask("electricity-maps", run: past..<past + 3_600_000_000)
        #expect(abs(range.value.value - 205) < 1e-9 && range.parts?.count == 2)
        #expect(
            try ask("electricity-maps", fault: "forecast", run: before..<before + 1).note?.contains("estimated") == true
        )
    }

    @Test func `Great Britain: actual before forecast, direct`() throws {
        let before = Self.now - 3 * Self.day
        let nation = try ask("gb", run: before..<before + 1_000_000)
        #expect(nation.value.value == 263 && nation.basis == .direct && nation.note == nil)
        let forecast = try ask("gb", fault: "forecast", run: before..<before + 1_000_000)
        #expect(forecast.value.value == 266 && forecast.note?.contains("forecast") == true)
        let region = try ask("gb:13", run: before..<before + 1_000_000)
        #expect(region.value.value == 266 && region.url?.hasSuffix("/regionid/13") == true)
    }

    @Test func `WattTime: pounds a megawatt-hour, marginal`() throws {
        let before = Self.now - 3 * Self.day
        let run = before..<before + 900_000_000
        let marginal = try ask("watttime:CAISO_NORTH", run: run)
        #expect(abs(marginal.value.value - 870 * 0.45359237) < 1e-9)
        #expect(marginal.kind == .marginal && (marginal.parts?.count ?? 0) >= 3)
        #expect(marginal.url?.contains("a-token") == false && marginal.url?.contains("cr") == false)
        let units = #expect(throws: CarbonError.self) { try ask("watttime:X", fault: "units", run: run) }
        #expect(units?.problem.contains("percentile") == true && units?.exitCode == 65)
        let average = CarbonSettings(zone: "US-CA")
        #expect(CarbonSettings.conflict(among: [average, CarbonSettings(intensity: marginal)]) != nil)
    }

    @Test(
        arguments: ["electricity-maps", "gb", "watttime:X"],
        [
            ("401", "refuses the key (401", 77), ("429", "too many requests", 74), ("500", "fails (500", 74),
            ("404", "refuses the request (404", 65), ("null", "no figure", 65), ("malformed", "documentation", 65),
            ("late", "did not answer within 2 s", 74),
        ] as [(String, String, Int32)]
    )
    func `every failure is a sentence`(source: String, failure: (fault: String, words: String, code: Int32)) throws {
        let before = Self.now - 3 * Self.day
        let error = #expect(throws: CarbonError.self) {
            try ask(source, fault: failure.fault, run: before..<before + 1_000_000)
        }
        #expect(error?.problem.contains(failure.words) == true, "\(error?.description ?? "")")
        #expect(error?.exitCode == failure.code)
        for secret in ["a-key", "cr\\et", "a-token"] { #expect(error?.description.contains(secret) == false) }
    }

    @Test func `a service that is not there`() throws {
        let error = #expect(throws: CarbonError.self) {
            try ask("gb", run: 0..<1) { $0[GridService.gbAddress] = "http://127.0.0.1:9" }
        }
        #expect(error?.problem.contains("cannot be reached at http://127.0.0.1:9/intensity/") == true)
        let none = #expect(throws: CarbonError.self) { try ask("gb", run: 0..<1) { $0["PATH"] = "/nonexistent" } }
        #expect(none?.problem.contains("no curl") == true && none?.exitCode == 69)
    }

    @Test func `keys come from the environment and are wanted before a run`() throws {
        for (source, key) in [
            ("electricity-maps", GridService.electricityMapsToken), ("watttime:X", GridService.wattTimeUser),
            ("watttime:X", GridService.wattTimePassword),
        ] {
            let error = #expect(throws: CarbonError.self) { try ask(source, run: 0..<1) { $0[key] = "" } }
            #expect(error?.code == .missingKey && error?.problem.contains("$\(key)") == true && error?.exitCode == 78)
        }
        let line = #expect(throws: CarbonError.self) {
            try ask("electricity-maps", run: 0..<1) { $0[GridService.electricityMapsToken] = "a\nurl = \"http://x\"" }
        }
        #expect(line?.code == .missingKey)
        let plain = #expect(throws: CarbonError.self) {
            try ask("electricity-maps", run: 0..<1) { $0[GridService.electricityMapsAddress] = "http://example.org" }
        }
        #expect(plain?.problem.contains("not encrypted") == true)
        let region = #expect(throws: CarbonError.self) { try ask("watttime", run: 0..<1) }
        #expect(region?.remedy.contains("watttime:CAISO_NORTH") == true)
        #expect(throws: CarbonError.self) { try ask("gb:99", run: 0..<1) }
    }

    @Test func `no key stands among the arguments`() throws {
        let files = FileManager.default
        let folder = files.temporaryDirectory.appendingPathComponent("wattbook-\(UUID().uuidString)")
        try files.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? files.removeItem(at: folder) }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let log = folder.appendingPathComponent("arguments")
        let script = "#!/bin/sh\necho \"$@\" >> '\(log.path)'\nPATH='\(path)' exec curl \"$@\"\n"
        try script.write(to: folder.appendingPathComponent("curl"), atomically: true, encoding: .utf8)
        try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.appendingPathComponent("curl").path)
        let before = Self.now - 3 * Self.day
        _ = try ask("watttime:X", run: before..<before + 1) { $0["PATH"] = "\(folder.path):\(path)" }
        #expect(try String(contentsOf: log, encoding: .utf8) == "-K -\n-K -\n")
    }
}
