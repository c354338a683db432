/// What `scontrol show config` says of energy.
struct SlurmConfiguration: Hashable {
    /// The plugin's name: `rapl`, `ipmi`, `xcc`, `pm_counters`, `gpu`, `ibmaem`; `nil` where none is set.
    var plugin: String?
    /// Seconds between two readings of the plugin.
    var period: Double = 30

    /// Reads the lines `Name = value`.
    init(_ text: String) {
        var node: Double?
        for line in text.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: "=", maxSplits: 1).map { part in
                String(part.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
            }
            guard parts.count == 2 else { continue }
            switch parts[0] {
            case "AcctGatherEnergyType":
                let name = parts[1].split(separator: "/").last.map(String.init) ?? ""
                plugin = ["", "none", "(null)"].contains(name) ? nil : name
            case "AcctGatherNodeFreq": node = Self.seconds(parts[1].prefix { $0 != " " })
            case "JobAcctGatherFrequency":
                for item in parts[1].split(separator: ",") where item.hasPrefix("energy=") {
                    if let seconds = Self.seconds(item.dropFirst("energy=".count)) { period = seconds }
                }
            default: continue
            }
        }
        // The node's own beat renews what a step is told.
        if let node { period = node }
    }

    private static func seconds(_ text: Substring) -> Double? {
        Double(text).flatMap { $0 > 0 ? $0 : nil }
    }
}
