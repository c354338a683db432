internal import Analysis
internal import Carbon
internal import Configuration
public import Ledger
internal import Metering
internal import Quantities
public import Sites

/// An application for compute time: what was asked, what the ledger says, and what follows.
public struct Application: Sendable {
    public var request: Request
    public var site: Site?
    public var factors: Factors
    /// In order of their marks.
    public var evidence: [Evidence]
    public var lines: [CostedLine]
    public var failedShare: FailedShare
    public var scaling: [ScalingTable]
    /// In order of the lines that replace something.
    public var savings: [Saving]
    /// What the request goes beyond what was measured, a sentence each.
    public var limits: [String]

    /// All lines, before failed runs and contingency.
    public var campaign: Resources { lines.dropFirst().reduce(lines[0].total) { $0 + $1.total } }
    /// Failed runs as a line of their own.
    public var failed: Resources { campaign.scaled(by: failedShare.share) }
    /// On top of the campaign with its failed runs.
    public var contingency: Resources { campaign.scaled(by: (1 + failedShare.share) * request.contingency) }
    /// What is asked for; chance is shared by its parts, so that it is scaled and not added.
    public var total: Resources { campaign.scaled(by: (1 + failedShare.share) * (1 + request.contingency)) }

    /// Failed runs over good ones, in node-hours.
    public struct FailedShare: Sendable, Hashable {
        public var share: Double
        /// Where it was counted.
        public var evidence: Evidence?
    }
}

extension Application {
    /// Works a request out.
    ///
    /// - Parameter site: The profile that the request names.
    /// - Throws: `ConfigurationError` with the request's line: 65 where runs do not exist or do not fit, 78 else.
    public init(_ request: Request, site: Site?, ledger: LedgerFile) throws {
        var book = EvidenceBook(ledger: ledger, path: request.path)
        let found = try request.lines.map { try book.find($0.evidence) }
        let node = try Self.node(request, site: site, evidence: found)
        let factors = try Factors(site: site, node: node)
        lines = []
        savings = []
        var pairs: [ComparedPair] = []
        for (line, evidence) in zip(request.lines, found) {
            let costed = try CostedLine(line, evidence: evidence, factors: factors, book: book)
            lines.append(costed)
            guard let other = line.insteadOf else { continue }
            let baseline = try book.find(other)
            let saving = try Saving(costed, instead: baseline, factors: factors, book: book)
            pairs.append(saving.pair(criteria: book.experiment(line.evidence).map { Criteria(of: $0) } ?? Criteria()))
            savings.append(saving)
        }
        Saving.judge(&savings, factors: factors)
        for (index, comparison) in try compare(pairs: pairs).enumerated() { savings[index].comparison = comparison }
        failedShare = try Self.failedShare(request.failedShare, in: &book)
        scaling = []
        for table in request.scaling { scaling += try ScalingTable.tables(table, in: &book) }
        (self.request, self.site, self.factors) = (request, site, factors)
        evidence = book.entries
        limits = []
        limits = Self.limits(of: self)
    }

    /// The nodes that are asked for: those that the request names, the site's only type, else those of the runs.
    private static func node(_ request: Request, site: Site?, evidence: [Evidence]) throws -> NodeType {
        if let wanted = request.nodes {
            if let cores = wanted.cores {
                return NodeType(
                    name: wanted.name,
                    cores: cores,
                    gpus: wanted.gpus ?? 0,
                    provenance: .init(source: "", read: "")
                )
            }
            guard let type = site?.nodeType(wanted.name) else {
                let names = site?.nodeTypes.map(\.name) ?? []
                throw ConfigurationError(
                    path: request.path,
                    line: wanted.line,
                    problem: "The site has no node type `\(wanted.name)`.",
                    remedy: names.isEmpty
                        ? "Write `node_type: {name: \(wanted.name), cores: 128, gpus: 0}`."
                        : "Its types are \(names.joined(separator: ", "))."
                )
            }
            return type
        }
        if let site, site.nodeTypes.count > 1 {
            throw ConfigurationError(
                path: request.path,
                line: 1,
                problem: "The site \(site.name) has several node types, and the request names none.",
                remedy: "Add `node_type:` with one of \(site.nodeTypes.map(\.name).joined(separator: ", "))."
            )
        }
        if let only = site?.nodeTypes.first { return only }
        let run = evidence.first?.runs.first
        return NodeType(
            name: "as measured",
            cores: run.map(\.start.host.cores).flatMap { $0 > 0 ? $0 : nil },
            gpus: run?.gpusPerNode ?? 0,
            provenance: .init(source: "", read: "")
        )
    }

    private static func failedShare(_ share: Request.FailedShare, in book: inout EvidenceBook) throws -> FailedShare {
        switch share {
        case .stated(let share): return FailedShare(share: share, evidence: nil)
        case .counted(let reference):
            let evidence = try book.find(reference)
            let good = evidence.runs.reduce(0) { $0 + $1.nodeHours }
            let bad = evidence.failed.reduce(0) { $0 + $1.nodeHours }
            return FailedShare(share: bad / good, evidence: evidence)
        }
    }
}
