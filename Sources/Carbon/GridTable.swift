public import Quantities

/// What an intensity counts; figures of one kind are never compared with figures of the other.
public enum CarbonBasis: String, Sendable, Codable, Hashable {
    /// Fuel supply and construction too.
    case lifeCycle = "life-cycle"
    /// What leaves the stack.
    case direct
    /// Nobody said which.
    case unstated
}

/// One row of the table of grids.
public struct GridZone: Sendable, Codable, Hashable {
    /// ISO 3166 code, or `US-CA`, `SE-SE3`, `EU27`.
    public var code: String
    public var name: String
    public var intensity: GramsPerKilowattHour
    /// The year that the figure speaks of.
    public var year: Int
    public var basis: CarbonBasis
    /// The publisher, as the table names it.
    public var source: String

    /// The publisher with the year, as `Ember via Our World in Data (CC-BY-4.0), 2025`.
    public var citation: String { source.contains("\(year)") ? source : "\(source), \(year)" }
}

/// Yearly mean carbon intensities of grids, read from the file that is built into the program.
public struct GridTable: Sendable, Hashable {
    /// The rows in file order.
    public let zones: [GridZone]

    /// Reads a table with the header `code,name,gco2e_per_kwh,year,basis,source`.
    public init(csv: String) throws(CarbonError) {
        var zones: [GridZone] = []
        for (index, line) in csv.utf8.split(separator: UInt8(ascii: "\n")).enumerated().dropFirst() {
            guard let zone = GridZone(fields: csvFields(line)) else {
                throw CarbonError(
                    code: .damagedTable,
                    problem: "Row \(index + 1) of the table of grids does not parse: \(Substring(line).prefix(80)).",
                    remedy: "Build the program again from an intact grid-intensity.csv."
                )
            }
            zones.append(zone)
        }
        self.zones = zones
    }

    private static let embedded = Result { () throws(CarbonError) in
        try GridTable(csv: String(decoding: PackageResources.grid_intensity_csv, as: UTF8.self))
    }

    /// The table that is built into the program.
    public static func standard() throws(CarbonError) -> GridTable {
        try embedded.get()
    }

    /// The zone with the code or name `text`, whatever its case; the error names the three nearest ones.
    public func zone(_ text: String) throws(CarbonError) -> GridZone {
        if let zone = zones.first(where: { $0.code == text }) { return zone }
        let wanted = normalised(text)
        if let zone = zones.first(where: { normalised($0.code) == wanted }) { return zone }
        if let zone = zones.first(where: { normalised($0.name) == wanted }) { return zone }
        let nearest = nearestZones(to: text).map { "\($0.code) (\($0.name))" }.joined(separator: ", ")
        throw CarbonError(
            code: .unknownZone,
            problem: "There is no zone “\(text)” in the table of grids.",
            remedy: "Name one by its code; the nearest are \(nearest)."
        )
    }

    /// The `count` zones whose code or name is most like `text`, the most alike first.
    public func nearestZones(to text: String, count: Int = 3) -> [GridZone] {
        let wanted = normalised(text)
        let ranked = zones.enumerated().map { index, zone in
            (min(distance(wanted, normalised(zone.code)), distance(wanted, normalised(zone.name))), index)
        }
        return ranked.sorted { $0 < $1 }.prefix(count).map { zones[$0.1] }
    }
}

extension GridZone {
    /// A zone from the six fields of a row; `nil` where one makes no sense.
    fileprivate init?(fields: [String]) {
        guard fields.count == 6, !fields[0].isEmpty, let intensity = Double(fields[2]), intensity > 0,
            intensity.isFinite, let year = Int(fields[3])
        else { return nil }
        let basis: CarbonBasis
        switch fields[4] {
        case "lifecycle", "life-cycle": basis = .lifeCycle
        case "direct": basis = .direct
        default: return nil
        }
        self.init(
            code: fields[0],
            name: fields[1],
            intensity: GramsPerKilowattHour(intensity),
            year: year,
            basis: basis,
            source: fields[5]
        )
    }
}

func normalised(_ text: String) -> String {
    text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
}

/// How unlike two words are, 0 to 1: the edits from one to the other (Levenshtein 1966) a letter of the longer one.
func distance(_ a: String, _ b: String) -> Double {
    let a = Array(a)
    let b = Array(b)
    guard !a.isEmpty, !b.isEmpty else { return 1 }
    var row = Array(0...b.count)
    for i in 1...a.count {
        var diagonal = row[0]
        row[0] = i
        for j in 1...b.count {
            let substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)
            diagonal = row[j]
            row[j] = min(substituted, row[j] + 1, row[j - 1] + 1)
        }
    }
    return Double(row[b.count]) / Double(max(a.count, b.count))
}
