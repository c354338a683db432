import Metering

/// Watts of one logical processor, idle and busy.
///
/// From the SPECpower results that Cloud Carbon Footprint condensed to a mean of each microarchitecture
/// (its constants, as of 2024; see the README).
struct PowerCoefficients: Hashable {
    var idle: Double
    var busy: Double
    /// The microarchitecture; `nil` for the mean over a provider's servers.
    var architecture: String?

    /// The mean that stands for an unknown processor (CCF's AWS average).
    static let average = PowerCoefficients(idle: 0.74, busy: 3.5, architecture: nil)

    /// The coefficients of the processor that `/proc/cpuinfo` describes.
    ///
    /// AMD sold the same models as desktop processors, which the table does not speak of: only those named EPYC count.
    static func of(cpuinfo: String) -> PowerCoefficients {
        func number(_ key: String) -> Int? { field(key, in: cpuinfo).flatMap { Int($0) } }
        guard let family = number("cpu family"), let model = number("model") else {
            // Arm: implementer and part instead; 0x41 0xd0c is Neoverse N1, the core of Graviton2.
            let isN1 = field("CPU implementer", in: cpuinfo) == "0x41" && field("CPU part", in: cpuinfo) == "0xd0c"
            return isN1 ? PowerCoefficients(idle: 0.47, busy: 1.69, architecture: "Neoverse N1 (Graviton2)") : average
        }
        let isEPYC = cpuinfo.split(separator: "\n").contains { $0.hasPrefix("model name") && $0.contains("EPYC") }
        switch (field("vendor_id", in: cpuinfo), family, model) {
        case ("AuthenticAMD", 0x17, 0x00...0x0F) where isEPYC:
            return PowerCoefficients(idle: 0.82, busy: 2.55, architecture: "EPYC 1st generation")
        case ("AuthenticAMD", 0x17, 0x30...0x3F) where isEPYC:
            return PowerCoefficients(idle: 0.47, busy: 1.69, architecture: "EPYC 2nd generation")
        case ("AuthenticAMD", 0x19, 0x00...0x0F) where isEPYC:
            return PowerCoefficients(idle: 0.45, busy: 2.02, architecture: "EPYC 3rd generation")
        case ("GenuineIntel", 6, 85):
            // One model number, told apart by the stepping; above 7 it is Cooper Lake, which the table lacks.
            switch number("stepping") ?? .max {
            case ...4: return PowerCoefficients(idle: 0.65, busy: 4.26, architecture: "Skylake")
            case ...7: return PowerCoefficients(idle: 0.64, busy: 3.97, architecture: "Cascade Lake")
            default: return average
            }
        case ("GenuineIntel", 6, 79), ("GenuineIntel", 6, 86):
            return PowerCoefficients(idle: 0.71, busy: 3.69, architecture: "Broadwell")
        case ("GenuineIntel", 6, 63):
            return PowerCoefficients(idle: 1.0, busy: 4.74, architecture: "Haswell")
        default:
            return average
        }
    }

    private static func field(_ key: String, in text: String) -> String? {
        for line in text.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let name = line[..<colon].reversed().drop { $0.isWhitespace }.reversed()
            if String(name) == key { return String(line[line.index(after: colon)...].drop { $0.isWhitespace }) }
        }
        return nil
    }
}
