internal import Metering
internal import Quantities

/// One line of `sacct -P`: a job, its batch script, or a step.
public struct SlurmRecord: Sendable, Hashable {
    /// `77`, `77.batch`, `77.0`.
    public var id: String
    /// As `COMPLETED`, `PREEMPTED`, `CANCELLED`.
    public var state: String
    public var elapsedSeconds: Double
    /// Seconds of Slurm's local clock; `nil` where it has not begun or ended.
    public var start: Double?
    public var end: Double?
    public var processors: Int
    public var nodes: [String]
    /// `ConsumedEnergyRaw`; `nil` where Slurm has none.
    public var joules: Double?

    /// The job's id without the step.
    public var job: Substring { id.prefix { $0 != "." } }
    /// Whether the line is the job's own.
    public var isJob: Bool { !id.contains(".") }

    /// The fields that ``parse(_:)`` reads, for `sacct --format`.
    public static let format =
        "JobIDRaw,State,ElapsedRaw,Start,End,AllocCPUS,NodeList,ConsumedEnergyRaw"

    /// The lines of `sacct -P` with its header, whatever columns it has beside those that are read.
    ///
    /// - Returns: `nil` where there is no header with a job's id.
    public static func parse(_ text: String) -> [SlurmRecord]? {
        let lines = text.split(whereSeparator: \.isNewline)
        guard let header = lines.first?.split(separator: "|", omittingEmptySubsequences: false).map(String.init),
            let id = header.firstIndex(of: "JobIDRaw") ?? header.firstIndex(of: "JobID")
        else { return nil }
        let places = Dictionary(header.enumerated().map { ($1, $0) }) { a, _ in a }
        return lines.dropFirst().compactMap { line in
            let fields = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            guard fields.count >= header.count, !fields[id].isEmpty else { return nil }
            let field = { (name: String) in places[name].map { fields[$0] } ?? "" }
            return SlurmRecord(
                id: fields[id],
                state: String(field("State").prefix { $0 != " " }),
                elapsedSeconds: Double(field("ElapsedRaw")) ?? 0,
                start: seconds(field("Start")),
                end: seconds(field("End")),
                processors: Int(field("AllocCPUS")) ?? 0,
                nodes: NodeList.expanded(field("NodeList")) ?? [],
                joules: joules(field("ConsumedEnergyRaw")) ?? joules(field("ConsumedEnergy"))
            )
        }
    }

    /// A number of joules, with the letter of the short form; Slurm's words for "not set" are none, and so is 0.
    static func joules(_ text: String) -> Double? {
        let factors: [Character: Double] = ["K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15]
        let factor = text.last.flatMap { factors[$0] }
        guard let number = Double(factor == nil ? text : String(text.dropLast())), number > 0 else { return nil }
        let value = number * (factor ?? 1)
        // NO_VAL and INFINITE of 32 bits; those of 64 bits lie above what any machine has drawn.
        return value < 1e15 && ![4_294_967_294, 4_294_967_295].contains(value) ? value : nil
    }

    /// `2026-11-26T01:18:30` as seconds, to be compared with others of the same clock.
    private static func seconds(_ text: String) -> Double? {
        let parts = text.split { "-T:".contains($0) }.compactMap { Int64($0) }
        guard parts.count == 6 else { return nil }
        let date = CivilDate(year: parts[0], month: parts[1], day: parts[2])
        return Double(date.daysSince1970 * 86_400 + parts[3] * 3600 + parts[4] * 60 + parts[5])
    }
}
