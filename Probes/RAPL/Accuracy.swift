/// How well a domain is known, and what a reader must know of it.
///
/// RAPL is a meter since Haswell, whose regulators measure (Hackenberg et al., *An Energy Efficiency Feature Survey of the
/// Intel Haswell Processor*, IPDPSW 2015: "from modeling to actual measurement"). Before that, on AMD (Schöne et al.,
/// *Energy Efficiency Aspects of the AMD Zen 2 Architecture*, CLUSTER 2021) and for the memory of client parts (Desrochers
/// et al., MEMSYS 2016), the chip computes the joules from its activity. None of them states an uncertainty for parts at
/// large: the figures are assumed (type B).
struct Accuracy: Hashable {
    /// The relative standard uncertainty of the gain.
    var relative: Double
    /// Where it comes from.
    var source: String
    /// What a reader must know.
    var notes: [String] = []

    /// The word for joules that the chip computes and no meter sees.
    static let estimate = "on-chip estimate"

    /// That of a domain of a chip.
    static func of(_ domain: Domain, _ chip: Chip) -> Accuracy {
        var accuracy =
            switch domain {
            case .package, .core, .uncore: Accuracy(relative: 0.03, source: "type B, assumed for RAPL packages: 3 %")
            case .dram: Accuracy(relative: 0.05, source: "type B, assumed for RAPL dram: 5 %")
            case .psys:
                Accuracy(
                    relative: 0.05,
                    source: "type B, assumed for RAPL psys: 5 %; calibrated by the board's vendor if at all",
                    notes: ["the whole platform; never added to its parts"]
                )
            case .unknown:
                Accuracy(
                    relative: 0.1,
                    source: "type B, assumed for a domain without published comparison: 10 %",
                    notes: ["what this domain contains is unknown; never added"]
                )
            }
        if domain == .core, chip.isAMD { accuracy.notes.append("one core only") }
        if let reason = reasonToEstimate(domain, chip) {
            accuracy.relative = 0.1
            accuracy.source = "type B, assumed for an on-chip estimate: 10 %; \(reason)"
            accuracy.notes.append(estimate)
        }
        return accuracy
    }

    private static func reasonToEstimate(_ domain: Domain, _ chip: Chip) -> String? {
        switch domain {
        case .psys, .unknown: nil
        case _ where chip.isAMD: "AMD's chips compute it from activity (Schöne et al., CLUSTER 2021)"
        case _ where chip.isBeforeHaswell: "computed before Haswell, measured since (Hackenberg et al., IPDPSW 2015)"
        case .dram where chip.isClient:
            "client parts compute it from the memory's activity (Desrochers et al., MEMSYS 2016)"
        default: nil
        }
    }
}
