public import Analysis
public import Carbon
public import Charts
package import Ledger
public import Metering
private import Quantities

/// Everything that a report shows, as one value; the renderers add nothing to it and ask nobody else.
public struct Report: Sendable, Hashable, Reportable {
    /// Arms, comparisons and what they mean.
    public var study: Study
    /// Power over time of one run an arm, in the order of the arms.
    public var pictures: [PowerPicture]
    /// Carbon accounts by run id.
    public var carbon: [String: [CarbonAccount]]
    /// Whether grams are also shown as kilometres by car and the like.
    public var withEquivalents: Bool
    /// The machine's mean power while idle, where it was measured.
    public var idle: IdlePower?
    /// The version of the program that measured, as `0.1.0`.
    public var version: String

    /// A report of a study.
    ///
    /// - Parameters:
    ///   - traces: by run id; those of ``representatives(of:)`` are drawn, others are ignored.
    ///   - carbon: accounts by run id; runs that are missing here have no grams.
    public init(
        study: Study,
        traces: [String: [Trace]] = [:],
        carbon: [String: [CarbonAccount]] = [:],
        withEquivalents: Bool = false,
        idle: IdlePower? = nil,
        version: String
    ) {
        self.study = study
        self.carbon = carbon
        self.withEquivalents = withEquivalents
        self.idle = idle
        self.version = version
        let runs = Dictionary(study.runs.map { ($0.start.id, $0) }, uniquingKeysWith: { first, _ in first })
        pictures = Self.representatives(of: study).compactMap { arm, id in
            runs[id].map { PowerPicture(arm: arm, run: $0, traces: traces[id] ?? []) }
        }
    }

    package var document: Document { Document(self) }
    package var runs: [RunRecord] { study.runs }

    /// One run an arm to be shown in full: the one whose duration is the median, so that an outlier is not the face
    /// of its arm.
    public static func representatives(of study: Study) -> [(arm: String, runID: String)] {
        let lengths = Dictionary(
            study.runs.map { ($0.start.id, $0.duration ?? .infinity) },
            uniquingKeysWith: { first, _ in first }
        )
        return study.arms.compactMap { arm in
            let ranked = arm.runIDs.sorted { (lengths[$0] ?? .infinity, $0) < (lengths[$1] ?? .infinity, $1) }
            return ranked.isEmpty ? nil : (arm.label, ranked[(ranked.count - 1) / 2])
        }
    }
}

/// Power over time of one run, with its regions; thinned to what can be drawn.
public struct PowerPicture: Sendable, Hashable {
    public var arm: String
    public var runID: String
    public var lines: [PowerChart.Line]
    /// How many channels of the total are left out, since more lines than six tell nothing.
    public var hidden: Int
    public var bands: [PowerChart.Band]
    public var regions: [RegionEnergy]

    /// The picture of a run from its traces; without traces it has regions and no lines.
    init(arm: String, run: RunRecord, traces: [Trace]) {
        self.arm = arm
        runID = run.start.id
        let curves = traces.flatMap { powerCurves($0, start: run.start.start, end: run.end?.end) }
        let counted = curves.filter { $0.channel.inTotal }
        let shown = (counted.isEmpty ? curves : counted).prefix(6)
        lines = shown.map { curve in
            PowerChart.Line(
                label: "\(curve.channel.name) (\(curve.channel.basis.rawValue))",
                points: thinned(curve.points, limit: PowerChart.pointLimit)
            )
        }
        hidden = max(0, counted.count - shown.count)
        bands = run.end.map { regionVisits($0.marks, start: run.start.start, end: $0.end) } ?? []
        regions = run.end?.account.regions ?? []
    }
}
