import Analysis
import Carbon
import Foundation
import GridService
import Ledger
import Metering
import Quantities

extension CarbonSettings {
    /// Whether the intensity is still to be found for the hours of each run.
    var isOpen: Bool { (series != nil || live != nil) && intensity?.parts == nil }

    /// Throws before a run what would fail after it: a file that does not parse, a key that is missing.
    func checkSources() throws {
        try validate()
        if series != nil { _ = try readSeries() }
        if let live { _ = try service(live) }
    }

    /// Throws where the series does not reach the present.
    func checkCoversNow() throws {
        guard series != nil else { return }
        let now = wallNow()
        _ = try readSeries().windows(of: now..<now)
    }

    /// The mean intensity of a run's own hours, in place of where it is to be found.
    ///
    /// - Parameter ledger: Keeps what a live source says, where it may be written.
    func closed(for run: RunRecord, in ledger: LedgerFile) throws -> CarbonSettings {
        guard isOpen, let end = run.end else { return self }
        let (clock, wall) = (run.start.start, run.start.startedAt)
        let span = wall..<wall + max(0, end.end - clock) / 1000
        let split = { (windows: [IntensitySeries.Window]) -> [Double]? in
            let times = windows.map { window in
                clock + (window.time.lowerBound - wall) * 1000..<clock + (window.time.upperBound - wall) * 1000
            }
            return joules(traces: try ledger.traces(run.start.id), in: times)?.map(\.value)
        }
        var settings = self
        if let live {
            settings.intensity = try published(by: live, for: span, in: ledger, joules: split)
        } else {
            let series = try readSeries()
            let windows = try series.windows(of: span)
            settings.intensity = IntensitySeries.mean(
                of: windows,
                joules: windows.count > 1 ? try split(windows) : nil,
                source: seriesSource ?? series.name,
                basis: seriesBasis ?? .unstated
            )
        }
        try settings.validate()
        return settings
    }

    private func published(
        by live: LiveSource,
        for run: Range<Int64>,
        in ledger: LedgerFile,
        joules: ([IntensitySeries.Window]) throws -> [Double]?
    ) throws -> Intensity {
        let service = try service(live)
        let now = wallNow()
        let known = try ledger.published(by: service.source, for: run, now: now)
        let isCovered =
            (known.first?.interval.from ?? .max) <= run.lowerBound / 1_000_000
            && (known.last.map { $0.interval.to * 1_000_000 } ?? .min) >= run.upperBound
        if isCovered, let mean = try? IntensitySeries.mean(of: known, over: run, joules: joules) { return mean }
        let fresh = try service.published(for: run, now: now)
        try ledger.add(fresh)
        return try IntensitySeries.mean(of: fresh, over: run, joules: joules)
    }

    private func service(_ live: LiveSource) throws(CarbonError) -> GridService {
        try GridService(live, zone: zone, environment: ProcessInfo.processInfo.environment)
    }

    private func readSeries() throws -> IntensitySeries {
        let path = series ?? ""
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(
                .noInput,
                "There is no time series that can be read at \(path).",
                remedy: "Name a CSV file with --intensity-series."
            )
        }
        return try IntensitySeries(csv: String(decoding: data, as: UTF8.self), name: path)
    }
}

extension LedgerFile {
    /// Every account of a run, the newest first: those that were made of it later, then its own.
    ///
    /// Where options say other factors, the accounts by them alone: they are looked at and not kept.
    func accounts(of run: RunRecord, options: CarbonOptions? = nil) throws -> [CarbonAccount] {
        let entries = try carbonEntries(of: run.start.id)
        if let changed = try options?.change(entries.last?.settings ?? run.start.carbon) {
            return try run.carbonAccounts(changed.closed(for: run, in: self))
        }
        var accounts: [CarbonAccount] = []
        for entry in entries.reversed() {
            accounts += try run.carbonAccounts(entry.settings).map { account in
                var account = account
                account.madeAt = entry.madeAt
                return account
            }
        }
        // The first account of an hour's own intensity is the run's: nobody saw another before.
        if entries.isEmpty || !run.start.carbon.isOpen { accounts += try run.carbonAccounts(run.start.carbon) }
        return accounts
    }

    /// Finds the intensity of a run's own hours, where its settings ask for it, and keeps the account.
    ///
    /// - Returns: Why that failed, as a sentence; the yearly figure of the zone stands then.
    func closeAccount(of run: RunRecord) throws -> String? {
        guard run.start.carbon.isOpen, run.start.role == .measurement, run.end?.account.total.joules != nil,
            try carbonEntries(of: run.start.id).isEmpty
        else { return nil }
        do {
            try add(run.start.carbon.closed(for: run, in: self), to: run.start.id, at: wallNow())
            return nil
        } catch {
            guard let failure = Failure(from: error) else { throw error }
            return failure.text
        }
    }

    /// The runs of an experiment that has run, each with the account of its own hours where that can be made.
    ///
    /// - Parameter tell: Is told why one cannot: one reason, since the next run would say the same.
    func accountedRuns(of experiment: ExperimentRecord, tell: (String) -> Void) throws -> [RunRecord] {
        for run in try runs(ofExperiment: experiment.id) {
            guard let failure = try closeAccount(of: run) else { continue }
            tell(failure)
            break
        }
        return try withIdle(withNewestCarbon(runs(ofExperiment: experiment.id)))
    }

    /// Runs under the factors that hold for them now, or under those that options say.
    func underFactors(_ runs: [RunRecord], options: CarbonOptions) throws -> [RunRecord] {
        try options.refuseLive()
        return try withNewestCarbon(runs).map { run in
            guard run.start.role == .measurement, let changed = try options.change(run.start.carbon) else { return run }
            var run = run
            run.start.carbon = try changed.closed(for: run, in: self)
            return run
        }
    }
}
