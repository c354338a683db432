public import Configuration

extension ConfigurationNode.Kind {
    /// What messages say of requests.
    static let request = Self(
        noun: "A request",
        opening: "Begin with `title:`, `site:` and `campaign:`; see `wattbook allocate --help`.",
        correction: "Correct the line; nothing was written."
    )
}

private let sizes: [(symbol: String, factor: Double)] = [
    ("B", 1), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("PB", 1e15), ("KiB", 1024), ("MiB", 1_048_576),
    ("GiB", 1_073_741_824), ("TiB", 1_099_511_627_776),
]

extension Request {
    /// Reads a request.
    ///
    /// - Throws: `ConfigurationError` that names the file, the line and what to do.
    public init(path: String) throws(ConfigurationError) {
        try self.init(text: configurationText(path: path, kind: "request"), path: path)
    }

    /// Reads a request from its text.
    public init(text: String, path: String) throws(ConfigurationError) {
        let root = try ConfigurationNode(text: text, path: path, kind: .request)
        self.init(emptyAt: path)
        let keys = [
            "title", "template", "site", "node_type", "applicant", "period", "campaign", "failed_share", "contingency",
            "scaling", "storage", "schedule", "texts",
        ]
        for (key, _, value) in try root.members(keys) {
            switch key {
            case "title": title = try value.text()
            case "template": template = try value.text()
            case "site": site = try value.text()
            case "node_type": nodes = try Self.nodes(value)
            case "applicant": applicant = try value.text()
            case "period": period = try value.text()
            case "campaign": for entry in try value.entries() { lines.append(try Self.line(entry)) }
            case "failed_share": failedShare = try Self.failedShare(value)
            case "contingency": contingency = try value.share()
            case "scaling": for entry in try value.entries() { scaling.append(try Self.scaling(entry)) }
            case "storage": for entry in try value.entries() { storage.append(try Self.storage(entry)) }
            case "schedule": try readSchedule(value)
            default: for (key, _, value) in try value.members() { texts[key] = try value.text() }
            }
        }
        guard !title.isEmpty, !lines.isEmpty else {
            throw ConfigurationError(
                path: path,
                line: 1,
                problem: "The key `\(title.isEmpty ? "title" : "campaign")` is missing.",
                remedy: title.isEmpty
                    ? "Add `title: ...`." : "Add `campaign:` with a list of `{name: ..., evidence: RUN, repeats: 5}`."
            )
        }
    }

    private static func nodes(_ node: ConfigurationNode) throws(ConfigurationError) -> Nodes {
        guard !node.isSingle else { return Nodes(name: try node.text(), cores: nil, gpus: nil, line: node.line) }
        var nodes = Nodes(name: "", cores: nil, gpus: nil, line: node.line)
        for (key, _, value) in try node.members(["name", "cores", "gpus"]) {
            switch key {
            case "name": nodes.name = try value.text()
            case "cores": nodes.cores = try value.integer(least: 1)
            default: nodes.gpus = try value.integer(least: 0)
            }
        }
        guard !nodes.name.isEmpty, nodes.cores != nil else { throw node.error("needs `name` and `cores`") }
        return nodes
    }

    private static func reference(_ node: ConfigurationNode) throws(ConfigurationError) -> Reference {
        Reference(text: try node.text(), line: node.line)
    }

    private static func line(_ node: ConfigurationNode) throws(ConfigurationError) -> Line {
        var line = Line(
            name: "",
            evidence: Reference(text: "", line: node.line),
            configurations: 1,
            experiments: 1,
            repeats: 1,
            work: 1
        )
        let keys = [
            "name", "evidence", "configurations", "experiments", "repeats", "nodes", "work", "extrapolate",
            "time_factor", "energy_factor", "instead_of", "memory", "output",
        ]
        for (key, _, value) in try node.members(keys) {
            switch key {
            case "name": line.name = try value.text()
            case "evidence": line.evidence = try reference(value)
            case "configurations": line.configurations = try count(value)
            case "experiments": line.experiments = try count(value)
            case "repeats": line.repeats = try count(value)
            case "nodes": line.nodes = try count(value)
            case "work":
                line.work = try value.number()
                guard line.work > 0 else { throw value.error("must be above 0") }
            case "extrapolate": line.extrapolation = try extrapolation(value)
            case "time_factor": line.timeFactor = try factor(value)
            case "energy_factor": line.energyFactor = try factor(value)
            case "instead_of": line.insteadOf = try reference(value)
            case "memory": line.memory = try amount(value)
            default: line.output = try amount(value)
            }
        }
        guard !line.name.isEmpty, !line.evidence.text.isEmpty else {
            throw node.error("needs `name` and `evidence`, as `{name: training, evidence: RUN, repeats: 5}`")
        }
        if let extrapolation = line.extrapolation, line.insteadOf != nil {
            throw ConfigurationError(
                path: node.path,
                line: extrapolation.line,
                problem:
                    "The line \(line.name) has both `extrapolate` and `instead_of`, and what it replaces is not extrapolated.",
                remedy: "Leave one of them out."
            )
        }
        return line
    }

    /// No request has a million of anything in one factor; more is a slip, and products must not overflow.
    private static func count(_ node: ConfigurationNode) throws(ConfigurationError) -> Int {
        let count = try node.integer(least: 1)
        guard count <= 1_000_000 else { throw node.error("is above 1,000,000") }
        return count
    }

    private static func amount(_ node: ConfigurationNode) throws(ConfigurationError) -> Double {
        let bytes = try node.quantity(sizes)
        guard bytes >= 0 else { throw node.error("cannot be below 0") }
        return bytes
    }

    private static func extrapolation(_ node: ConfigurationNode) throws(ConfigurationError) -> Extrapolation {
        var (factor, to): (String?, Double?)
        for (key, _, value) in try node.members(["factor", "to"]) {
            if key == "factor" { factor = try value.text() } else { to = try value.number() }
        }
        guard let factor, let to, to > 0 else {
            throw node.error("needs `factor` and `to`, as `{factor: steps, to: 4000}`")
        }
        return Extrapolation(factor: factor, to: to, line: node.line)
    }

    private static func factor(_ node: ConfigurationNode) throws(ConfigurationError) -> Factor {
        var factor = Factor(value: 0, low: 0, high: 0, reason: "")
        for (key, _, value) in try node.members(["value", "low", "high", "reason"]) {
            switch key {
            case "value": factor.value = try value.number()
            case "low": factor.low = try value.number()
            case "high": factor.high = try value.number()
            default: factor.reason = try value.text()
            }
        }
        guard factor.low > 0, factor.low <= factor.value, factor.value <= factor.high, !factor.reason.isEmpty else {
            throw node.error(
                "needs value, low, high and reason, in that order of size",
                remedy: "Write `{value: 0.4, low: 0.3, high: 0.5, reason: vendor's benchmark}`."
            )
        }
        return factor
    }

    private static func failedShare(_ node: ConfigurationNode) throws(ConfigurationError) -> FailedShare {
        guard !node.isSingle else { return .stated(try node.share()) }
        for (_, _, value) in try node.members(["evidence"]) { return .counted(try reference(value)) }
        throw node.error(
            "is empty",
            remedy: "Write `failed_share: 0.05`, or `failed_share: {evidence: tag:account=c01}`."
        )
    }

    private static func storage(_ node: ConfigurationNode) throws(ConfigurationError) -> Storage {
        var storage = Storage(name: "", amount: -1)
        for (key, _, value) in try node.members(["name", "amount", "files", "place"]) {
            switch key {
            case "name": storage.name = try value.text()
            case "amount": storage.amount = try amount(value)
            case "files": storage.files = try value.integer(least: 0)
            default: storage.place = try value.text()
            }
        }
        guard !storage.name.isEmpty, storage.amount >= 0 else {
            throw node.error("needs `name` and `amount`, as `{name: training data, amount: 2 TB}`")
        }
        return storage
    }

    private static func scaling(_ node: ConfigurationNode) throws(ConfigurationError) -> Scaling {
        var scaling = Scaling(name: "", kind: .strong, over: "nodes", points: [], line: node.line)
        for (key, _, value) in try node.members(["name", "kind", "unit", "over", "points", "experiment"]) {
            switch key {
            case "name": scaling.name = try value.text()
            case "kind":
                let text = try value.text()
                guard let kind = Scaling.Kind(rawValue: text) else { throw value.error("must be strong or weak") }
                scaling.kind = kind
            case "unit": scaling.unit = try value.text()
            case "over": scaling.over = try value.text()
            case "experiment": scaling.experiment = try reference(value)
            default:
                for (size, line, runs) in try value.members() {
                    guard let size = Int(size), size > 0 else {
                        throw ConfigurationError(
                            path: value.path,
                            line: line,
                            problem: "The size `\(size)` of a scaling is no whole number above 0.",
                            remedy: "Write `points: {1: RUN, 2: RUN, 4: RUN}`."
                        )
                    }
                    scaling.points.append(Point(size: size, runs: try reference(runs)))
                }
            }
        }
        scaling.points.sort { $0.size < $1.size }
        guard !scaling.name.isEmpty, scaling.points.count > 1 || scaling.experiment != nil else {
            throw node.error(
                "needs `name`, and `experiment: NAME` or two `points` or more, as `points: {1: RUN, 2: RUN}`"
            )
        }
        guard scaling.points.isEmpty || scaling.experiment == nil else {
            throw node.error("has both `points` and `experiment`", remedy: "Leave one of them out.")
        }
        return scaling
    }

    private mutating func readSchedule(_ node: ConfigurationNode) throws(ConfigurationError) {
        var parts: [Stretch] = []
        for (key, _, value) in try node.members() {
            parts.append(Stretch(name: key, share: try value.number(least: 0)))
        }
        let sum = parts.reduce(0) { $0 + $1.share }
        guard (sum - 1).magnitude < 1e-6 else {
            throw node.error("adds up to \(sum)", remedy: "Let the shares add up to 1.")
        }
        schedule = parts
    }
}
