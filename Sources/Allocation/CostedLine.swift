internal import Configuration
internal import Ledger
internal import Quantities
internal import Sites
internal import Statistics

/// A line of the campaign with what it takes.
public struct CostedLine: Sendable, Hashable {
    public var line: Request.Line
    public var evidence: Evidence
    /// Nodes of a job.
    public var nodes: Int
    /// Seconds of wall clock of a job.
    public var time: Amount
    /// Standard deviation of the wall clock from run to run, as planned; `nil` of one run.
    public var timeSpread: Double?
    /// One job, with the interval of its mean.
    public var job: Resources
    /// All jobs, with the interval of their sum.
    public var total: Resources
    /// The models by which a figure goes beyond what was measured, in words; empty where none does.
    public var models: [String]
    /// Whether a mean power of the site stands in for energy that was not measured.
    public var isEnergyStandIn: Bool

    /// What a mean of the runs is multiplied with to become a job.
    var timeScale: Double { line.work * (line.timeFactor?.value ?? 1) }
    var energyScale: Double { line.work * (line.energyFactor?.value ?? 1) }

    init(_ line: Request.Line, evidence: Evidence, factors: Factors, book: EvidenceBook) throws {
        (self.line, self.evidence) = (line, evidence)
        nodes = line.nodes ?? evidence.nodes
        models = []
        let hours: Sample?
        var joules: Sample?
        if let extrapolation = line.extrapolation {
            let sizes = try Self.sizes(extrapolation, evidence, line, book)
            hours = Sample(line: sizes, evidence.runs.map(\.nodeHours), at: extrapolation.to)
            let known = zip(sizes, evidence.runs).filter { $1.wholeJoules != nil }
            joules = Sample(line: known.map(\.0), known.compactMap(\.1.wholeJoules), at: extrapolation.to)
            let range = "\(number(sizes.min() ?? 0)) to \(number(sizes.max() ?? 0))"
            models.append(
                "extrapolated by least squares to \(extrapolation.factor) = \(number(extrapolation.to)) "
                    + "from runs at \(range); the interval is that of the line"
            )
        } else {
            hours = Sample(evidence.runs.map(\.nodeHours))
            joules = Sample(evidence.runs.compactMap(\.wholeJoules))
        }
        guard let hours, hours.mean.value > 0 else {
            throw book.wrong(
                line.evidence,
                "The line through “\(line.evidence.text)” needs three runs at two sizes or more, and gives no time above 0.",
                "Measure more sizes, or leave `extrapolate` out."
            )
        }
        isEnergyStandIn = joules == nil && factors.node.meanPower != nil
        let calibration = evidence.runs.map(\.calibration).max() ?? 0
        let (timeScale, energyScale) = (
            line.work * (line.timeFactor?.value ?? 1), line.work * (line.energyFactor?.value ?? 1)
        )
        let nodeHours = { (jobs: Int?) -> Amount in
            let amount = jobs.map { hours.total(jobs: $0, shared: 0) } ?? hours.perJob(shared: 0)
            return amount.scaled(by: timeScale, relative: line.timeFactor?.relativeHalfWidth ?? 0)
        }
        let energy = { (jobs: Int?) -> Amount? in
            if let joules {
                let amount =
                    jobs.map { joules.total(jobs: $0, shared: calibration) } ?? joules.perJob(shared: calibration)
                return amount.scaled(by: energyScale, relative: line.energyFactor?.relativeHalfWidth ?? 0)
            }
            return factors.node.meanPower.map { nodeHours(jobs).scaled(by: $0.value.value * 3600) }
        }
        job = factors.resources(jobs: 1, nodeHours: nodeHours(nil), nodeEnergy: energy(nil))
        total = factors.resources(jobs: line.jobs, nodeHours: nodeHours(line.jobs), nodeEnergy: energy(line.jobs))
        time = job.nodeHours.scaled(by: 3600 / Double(nodes))
        timeSpread = hours.spread.map { $0 * timeScale * 3600 / Double(nodes) }
        describeModels()
    }

    private mutating func describeModels() {
        if line.work != 1 {
            models.append(
                "a job is \(number(line.work)) times the measured work, taken as proportional"
            )
        }
        for (name, factor) in [("time", line.timeFactor), ("energy", line.energyFactor)] {
            guard let factor else { continue }
            models.append(
                "\(name) times \(number(factor.value)) (\(number(factor.low)) to \(number(factor.high))): \(factor.reason)"
            )
        }
        if nodes != evidence.nodes {
            models.append(
                "\(nodes) nodes where \(evidence.nodes) were measured: node-hours and energy of a job are taken to stay"
            )
        }
        if isEnergyStandIn { models.append("energy was not measured: the site's mean power of a node stands in") }
    }

    /// The sizes of the runs, by the levels of a factor.
    private static func sizes(
        _ extrapolation: Request.Extrapolation,
        _ evidence: Evidence,
        _ line: Request.Line,
        _ book: EvidenceBook
    ) throws -> [Double] {
        let sizes = evidence.runs.compactMap { $0.start.place?.levels[extrapolation.factor].flatMap(Double.init) }
        guard sizes.count == evidence.runs.count, Set(sizes).count > 1 else {
            throw book.wrong(
                .init(text: line.evidence.text, line: extrapolation.line),
                "The runs of “\(line.evidence.text)” have no two numbers as levels of `\(extrapolation.factor)`.",
                "Name an experiment that varies it, or use `work: 10`."
            )
        }
        return sizes
    }
}

extension Request.Factor {
    /// The larger side of its interval over its value.
    var relativeHalfWidth: Double { max(high - value, value - low) / value }
}
