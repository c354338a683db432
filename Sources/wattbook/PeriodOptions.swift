import Analysis
import ArgumentParser
import Carbon
import Ledger
import Quantities
import Reporting

/// Which runs an account holds: those of a period, with some tags.
struct PeriodOptions: ParsableArguments {
    @Option(help: ArgumentHelp("From this year, month or day on (UTC): 2026, 2026-01, 2026-01-31.", valueName: "date"))
    var since: DateOption?

    @Option(help: ArgumentHelp("To the end of this year, month or day (UTC).", valueName: "date"))
    var until: DateOption?

    @Option(help: ArgumentHelp("Only runs with this tag; several must all be there.", valueName: "key=value"))
    var tag: [Tag] = []

    @Option(help: ArgumentHelp("Grouped by experiment, name, month or tag:KEY.", valueName: "what"))
    var by: GroupingOption?

    /// Whether an account is asked for, and not a report of some runs.
    var isGiven: Bool { since != nil || until != nil || !tag.isEmpty || by != nil }

    mutating func validate() throws {
        if let since, let until, until.end <= since.start {
            throw ValidationError(
                "The period from \(since.text) to \(until.text) ends before it begins. Exchange --since and --until."
            )
        }
    }

    /// The account of the runs in a ledger; `accounts` gives the grams of a run.
    func account(in ledger: LedgerFile, accounts: (RunRecord) throws -> [CarbonAccount]) throws -> AccountReport {
        // Parts are in the run of their job.
        let runs = try ledger.runs().filter { run in
            run.start.role != .part && run.start.startedAt >= since?.start ?? .min
                && run.start.startedAt < until?.end ?? .max
                && tag.allSatisfy { run.start.tags[$0.key] == $0.value }
        }
        guard !runs.isEmpty else {
            throw Failure(
                .noInput,
                "The ledger \(ledger.path) has no run of \(title).",
                remedy: "See what it holds with `wattbook list --all`."
            )
        }
        let names = try ledger.experiments().map { ($0.id, $0.name) }
        let carbon = try runs.map { ($0.start.id, try accounts($0)) }
        return AccountReport(
            periodAccount(
                of: runs,
                title: title,
                grouping: by?.grouping ?? .experiment,
                experiments: Dictionary(names, uniquingKeysWith: { first, _ in first }),
                carbon: Dictionary(carbon, uniquingKeysWith: { first, _ in first })
            ),
            version: WattbookCommand.configuration.version
        )
    }

    private var title: String {
        let period =
            switch (since?.text, until?.text) {
            case (let since?, let until?): since == until ? since : "\(since) to \(until)"
            case (let since?, nil): "\(since) on"
            case (nil, let until?): "the beginning to \(until)"
            case (nil, nil): "all time"
            }
        return ([period] + tag.map { "\($0.key)=\($0.value)" }).joined(separator: ", ")
    }
}

/// A year, a month or a day as it is typed.
struct DateOption: ExpressibleByArgument {
    var text: String
    /// Its first microsecond since 1970 (UTC), and the first after it.
    var start: Int64
    var end: Int64

    init?(argument: String) {
        let fields = argument.split(separator: "-", omittingEmptySubsequences: false)
        let numbers = fields.compactMap { Int64($0) }
        guard (1...3).contains(numbers.count), numbers.count == fields.count, fields[0].count == 4,
            fields.dropFirst().allSatisfy({ $0.count == 2 })
        else { return nil }
        let (year, month, day) = (
            numbers[0], numbers.count > 1 ? numbers[1] : 1, numbers.count > 2 ? numbers[2] : 1
        )
        let first = CivilDate(year: year, month: month, day: day)
        let next =
            switch numbers.count {
            case 1: CivilDate(year: year + 1, month: 1, day: 1)
            case 2: CivilDate(year: year, month: month + 1, day: 1)
            default: CivilDate(year: year, month: month, day: day + 1)
            }
        // A day that there is not comes back as another one.
        guard CivilDate(daysSince1970: first.daysSince1970) == first else { return nil }
        text = argument
        start = first.daysSince1970 * 86_400_000_000
        end = next.daysSince1970 * 86_400_000_000
    }
}

/// What groups an account, as it is typed.
struct GroupingOption: ExpressibleByArgument {
    var grouping: RunGrouping

    init?(argument: String) {
        switch argument {
        case "experiment": grouping = .experiment
        case "name": grouping = .name
        case "month": grouping = .month
        case _ where argument.hasPrefix("tag:") && argument.count > 4: grouping = .tag(String(argument.dropFirst(4)))
        default: return nil
        }
    }
}
