import Carbon
public import Configuration
import Foundation
import Ledger

extension Plan {
    /// Reads a plan and checks all that can be checked without running anything.
    ///
    /// - Throws: `PlanError` that names the file, the line and what to do.
    ///
    /// - Parameter force: Takes a plan that can give no answer: one repeat, no baseline.
    public init(path: String, force: Bool = false) throws(PlanError) {
        try self.init(
            text: configurationText(
                path: path,
                kind: "plan",
                remedy: "Name a YAML file; Scripts/plans holds examples."
            ),
            path: path,
            searchPath: ProcessInfo.processInfo.environment["PATH"] ?? "",
            force: force
        )
    }

    /// Reads a plan from its text.
    init(text: String, path: String, searchPath: String, force: Bool = false) throws(PlanError) {
        let root = try PlanNode(text: text, path: path, kind: .plan)
        self.init(path: path, text: text)
        var seen: [String: PlanNode] = [:]
        for (key, _, value) in try root.members(Self.keys) {
            seen[key] = value
            switch key {
            case "name": name = try value.text()
            case "workload": workload = try Self.workload(value)
            case "parameters":
                for (key, _, value) in try value.members() { parameters[key] = try value.text() }
            case "factors": factors = try Self.factors(value)
            case "arms": (factors, listedArms) = try Self.arms(value)
            case "commands": commands = try Self.commands(value)
            case "baseline":
                for (key, _, value) in try value.members() { baseline[key] = try value.text() }
            case "repeats": repeats = try value.integer(least: 1)
            case "until": (repeats, until) = try Self.until(value)
            case "warmup": warmup = try value.integer(least: 0)
            case "order": order = try Self.order(value)
            case "seed": seed = UInt64(try value.integer(least: 0))
            case "cooldown": cooldown = try value.time()
            case "idle": idle = try value.time()
            case "interval": interval = try Self.interval(value)
            case "quality": quality = try Self.quality(value)
            case "target", "scaling": break
            case "smallest_relevant_saving": smallestRelevantSaving = try Self.fraction(value)
            case "published": published = try Self.published(value)
            default: carbon = try Self.carbon(value)
            }
        }
        for required in ["name", "workload"] where seen[required] == nil {
            throw PlanError(
                path: path,
                line: 1,
                problem: "The key `\(required)` is missing.",
                remedy: required == "name" ? "Add a line `name: my-experiment`." : "Add `workload: {command: [...]}`."
            )
        }
        for (key, other) in [("until", "repeats"), ("arms", "factors")] {
            guard let value = seen[key], seen[other] != nil else { continue }
            throw value.error("and `\(other)` exclude each other", remedy: "Leave one of them out.")
        }
        // After `quality`, wherever that stands.
        if let target = seen["target"] { try readTarget(target) }
        // After the factors, to which it adds its own.
        if let scaling = seen["scaling"] { try readScaling(scaling, beside: seen) }
        try check(seen, searchPath: searchPath)
        if !force { try refuseWhatCannotAnswer(seen) }
    }

    private static let keys = [
        "name", "workload", "parameters", "factors", "arms", "commands", "baseline", "repeats", "until", "warmup",
        "order", "seed", "cooldown", "idle", "interval", "quality", "target", "smallest_relevant_saving", "published",
        "carbon", "scaling",
    ]

    /// A plan of defaults, to be filled in.
    private init(path: String, text: String) {
        self.init(
            path: path,
            text: text,
            name: "",
            workload: Workload(command: [], environment: [:]),
            parameters: [:],
            factors: [],
            commands: [:],
            listedArms: nil,
            baseline: [:],
            repeats: 5,
            until: nil,
            warmup: 1,
            order: .randomizedBlocks,
            seed: nil,
            cooldown: 0,
            idle: 0,
            interval: 100_000_000,
            quality: nil,
            target: nil,
            smallestRelevantSaving: nil,
            published: nil,
            carbon: CarbonSettings(),
            scaling: nil
        )
    }

    private static func workload(_ node: PlanNode) throws(PlanError) -> Workload {
        var workload = Workload(command: [], environment: [:])
        for (key, _, value) in try node.members(["command", "environment"]) {
            if key == "command" {
                for entry in try value.entries() { workload.command.append(Template(try entry.text())) }
            } else {
                for (key, _, value) in try value.members() { workload.environment[key] = Template(try value.text()) }
            }
        }
        guard !workload.command.isEmpty else {
            throw node.error("needs a command", remedy: "Write `command: [program, argument, ...]`.")
        }
        return workload
    }

    private static func factors(_ node: PlanNode) throws(PlanError) -> [ExperimentRecord.Factor] {
        var factors: [ExperimentRecord.Factor] = []
        for (key, _, value) in try node.members() {
            var levels: [String] = []
            for entry in try value.entries() {
                let level = try entry.text()
                guard !levels.contains(level) else { throw entry.error("has the level `\(level)` twice") }
                levels.append(level)
            }
            guard !levels.isEmpty else { throw value.error("has no level", remedy: "Write `\(key): [a, b]`.") }
            factors.append(ExperimentRecord.Factor(name: key, levels: levels))
        }
        return factors
    }

    /// Arms that are listed one by one; each names the same factors.
    private static func arms(
        _ node: PlanNode
    ) throws(PlanError) -> ([ExperimentRecord.Factor], [[String: String]]) {
        var factors: [ExperimentRecord.Factor] = []
        var arms: [[String: String]] = []
        for entry in try node.entries() {
            var arm: [String: String] = [:]
            for (key, _, value) in try entry.members() {
                let level = try value.text()
                arm[key] = level
                if arms.isEmpty { factors.append(ExperimentRecord.Factor(name: key, levels: [])) }
                guard let index = factors.firstIndex(where: { $0.name == key }) else {
                    throw value.error("is a factor that the first arm does not name")
                }
                if !factors[index].levels.contains(level) { factors[index].levels.append(level) }
            }
            guard arm.count == factors.count else { throw entry.error("has an arm that leaves a factor out") }
            guard !arms.contains(arm) else { throw entry.error("has an arm twice") }
            arms.append(arm)
        }
        guard !arms.isEmpty else { throw node.error("has no arm", remedy: "Write `arms: [{precision: fp32}, ...]`.") }
        return (factors, arms)
    }

    private static func order(_ node: PlanNode) throws(PlanError) -> Order {
        guard let order = Order(rawValue: try node.text()) else {
            throw node.error("must be \(Order.allCases.map(\.rawValue).joined(separator: " or "))")
        }
        return order
    }

    private static func until(_ node: PlanNode) throws(PlanError) -> (Int, ExperimentRecord.Until) {
        var until = ExperimentRecord.Until(relativeHalfWidth: 0, firstStage: 5)
        var most = 0
        for (key, _, value) in try node.members(["relative_half_width", "max_repeats", "first_stage"]) {
            switch key {
            case "relative_half_width":
                until.relativeHalfWidth = try fraction(value)
            case "first_stage": until.firstStage = try value.integer(least: 3)
            default: most = try value.integer(least: 2)
            }
        }
        guard until.relativeHalfWidth > 0, most >= until.firstStage else {
            throw node.error(
                "needs relative_half_width, and max_repeats of \(until.firstStage) or more",
                remedy: "Write `until: {relative_half_width: 0.02, max_repeats: 30}`."
            )
        }
        return (most, until)
    }

    private static func fraction(_ node: PlanNode) throws(PlanError) -> Double {
        let fraction = try node.number()
        guard fraction > 0, fraction < 1 else { throw node.error("must lie between 0 and 1") }
        return fraction
    }

    private static func interval(_ node: PlanNode) throws(PlanError) -> Int64 {
        let interval = try node.time()
        guard samplingIntervals.contains(interval) else { throw node.error("must lie between 1ms and 60s") }
        return interval
    }

    private static func quality(_ node: PlanNode) throws(PlanError) -> QualityCriterion {
        var criterion = QualityCriterion(metric: "", higherIsBetter: true, margin: 0)
        for (key, _, value) in try node.members(["metric", "higher_is_better", "margin"]) {
            switch key {
            case "metric": criterion.metric = try value.text()
            case "higher_is_better": criterion.higherIsBetter = try value.flag()
            default:
                criterion.margin = try value.number()
                guard criterion.margin > 0 else { throw value.error("must be above 0") }
            }
        }
        guard !criterion.metric.isEmpty, criterion.margin > 0 else {
            throw node.error("needs metric and margin", remedy: "Write `quality: {metric: iou, margin: 0.01}`.")
        }
        return criterion
    }

    private static let carbonKeys = [
        "zone", "pue", "pue_year", "pue_source", "unmeasured_factor", "intensity", "market_intensity", "series",
        "series_source", "series_basis", "live", "embodied", "site",
    ]

    private static func carbon(_ node: PlanNode) throws(PlanError) -> CarbonSettings {
        var settings = CarbonSettings()
        for (key, _, value) in try node.members(carbonKeys) {
            switch key {
            case "zone": settings.zone = try value.text()
            case "pue": settings.pue = try value.number()
            case "pue_year": settings.pueYear = try value.integer(least: 1990)
            case "pue_source": settings.pueSource = try value.text()
            case "unmeasured_factor":
                settings.unmeasuredFactor = try value.number()
                settings.unmeasuredSource = "given by the plan"
            case "site": settings.site = try value.text()
            case "intensity": settings.intensity = try intensity(value, "plan")
            case "market_intensity": settings.marketIntensity = try intensity(value, "contract of the plan")
            case "series":
                // As the plan's other paths, from where the experiment is started.
                settings.series = try value.text()
            case "series_source": settings.seriesSource = try value.text()
            case "series_basis": settings.seriesBasis = try basis(value)
            case "live":
                guard let source = LiveSource(try value.text()) else {
                    throw value.error(
                        "names no live source",
                        remedy: "Name electricity-maps, gb or watttime, each with a region after a colon."
                    )
                }
                settings.live = source
            default: settings.embodied = try embodied(value)
            }
            do throws(CarbonError) {
                // Each value as it comes, so that an error names its line.
                _ = try CarbonSettings.resolve(plan: settings, environment: [:], country: nil)
            } catch {
                throw PlanError(path: node.path, line: value.line, problem: error.problem, remedy: error.remedy)
            }
        }
        return settings
    }
}

/// The intervals between two readings that are allowed, in nanoseconds.
public let samplingIntervals: ClosedRange<Int64> = 1_000_000...60_000_000_000
