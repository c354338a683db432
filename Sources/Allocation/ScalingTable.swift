public import Analysis
internal import Configuration
internal import Ledger
internal import Metering
internal import Quantities
internal import Statistics

/// Time, efficiency and energy of one program at several sizes.
public struct ScalingTable: Sendable, Hashable {
    /// One size.
    public struct Row: Sendable, Hashable {
        public var size: Int
        public var evidence: Evidence
        /// Seconds of a run.
        public var time: Amount
        /// Time at the smallest size over time here, a ratio of arithmetic means (Fieller); `nil` at the smallest.
        public var speedup: Amount?
        /// Speed-up over the growth in size where scaling is strong; the ratio of times where it is weak.
        public var efficiency: Amount?
        /// Joules of a run.
        public var energy: Amount?
        /// Joules for one unit of work.
        public var energyPerUnit: Amount?
    }

    public var scaling: Request.Scaling
    public var rows: [Row]
    /// The law that the times of a scaling experiment follow, and its line.
    public var law: ParallelScaling.Fit?

    /// The table of a request's entry; of a scaling experiment one for each mode and setting.
    static func tables(_ scaling: Request.Scaling, in book: inout EvidenceBook) throws -> [ScalingTable] {
        guard let reference = scaling.experiment else { return [try ScalingTable(scaling, in: &book)] }
        let (experiment, tables) = try book.parallelScaling(reference)
        return try tables.map { table in
            var own = scaling
            own.kind = table.mode == .strong ? .strong : .weak
            own.over = table.over.rawValue
            own.unit = scaling.unit ?? (table.points.allSatisfy { $0.joulesPerImage != nil } ? "images" : nil)
            if !table.setting.isEmpty {
                own.name +=
                    ", "
                    + table.setting.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
                    .joined(separator: ", ")
            }
            own.points = table.points.map { point in
                let levels = experiment.levels(of: point.units, in: table)
                let text = levels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
                return Request.Point(
                    size: point.units,
                    runs: Request.Reference(text: "\(reference.text):\(text)", line: reference.line)
                )
            }
            var result = try ScalingTable(own, in: &book)
            result.law = table.carriedFit
            return result
        }
    }

    init(_ scaling: Request.Scaling, in book: inout EvidenceBook) throws {
        self.scaling = scaling
        rows = []
        for point in scaling.points {
            let evidence = try book.find(point.runs)
            let runs = evidence.runs
            let calibration = runs.map(\.calibration).max() ?? 0
            guard let time = Sample(runs.map(\.seconds))?.perJob(shared: 0) else { continue }
            let perUnit = try scaling.unit.flatMap { unit in
                let values = runs.compactMap { run in
                    run.end?.counts[unit].flatMap { count in
                        count > 0 ? run.wholeJoules.map { $0 / Double(count) } : nil
                    }
                }
                guard !values.isEmpty || runs.allSatisfy({ $0.wholeJoules == nil }) else {
                    throw book.wrong(
                        point.runs,
                        "The runs of “\(point.runs.text)” counted no `\(unit)`.",
                        "Name a unit that they counted, or leave `unit` out."
                    )
                }
                return Sample(values)?.perJob(shared: calibration)
            }
            let ratio = rows.first.map { Self.ratio($0.evidence.runs.map(\.seconds), runs.map(\.seconds)) }
            let growth = Double(point.size) / Double(scaling.points[0].size)
            rows.append(
                Row(
                    size: point.size,
                    evidence: evidence,
                    time: time,
                    speedup: scaling.kind == .strong ? ratio : nil,
                    efficiency: ratio?.scaled(by: scaling.kind == .strong ? 1 / growth : 1),
                    energy: Sample(runs.compactMap(\.wholeJoules))?.perJob(shared: calibration),
                    energyPerUnit: perUnit
                )
            )
        }
    }

    private static func ratio(_ x: [Double], _ y: [Double]) -> Amount {
        if let found = fieller(x, y) {
            // The interval is not quite symmetric: its wider side is kept.
            let half = max(found.interval.upperBound - found.ratio, found.ratio - found.interval.lowerBound)
            return Amount(found.ratio, random: half)
        }
        return Amount((mean(x) ?? 0) / (mean(y) ?? 1), random: nil)
    }
}

extension ExperimentRecord {
    /// The levels of the arm of a table that has so many units.
    fileprivate func levels(of units: Int, in table: ParallelScaling) -> [String: String] {
        arms.first { arm in
            guard let scaling else { return false }
            let isSetting = table.setting.allSatisfy { arm[$0.key] == $0.value }
            return isSetting && scaling.mode(of: arm) == table.mode && scaling.units(of: arm) == units
        } ?? [:]
    }
}
