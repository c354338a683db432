import Metering
import Quantities

/// What an energy event of PAPI's measures, by its name.
///
/// Names: `powercap:::ENERGY_UJ:ZONE0`, `rapl:::PACKAGE_ENERGY:PACKAGE0`, `rapl::RAPL_ENERGY_PKG:cpu=0`,
/// `nvml:::NAME:device_0:total_energy_consumption`, `cray_pm:::PM_ENERGY:NODE`.
struct EnergyEvent {
    /// The domain in the words of RAPL's other interfaces.
    enum Domain: String {
        case package, dram, core, uncore, psys, gpu, node, cpu, memory, accelerator
    }

    var name: String
    var domain: Domain
    /// Joules of one count.
    var joulesPerCount: Double
    /// The package that it lies in, where the domain is one of RAPL's.
    var package: Int?

    /// `nil` where the name is that of no energy.
    ///
    /// - Parameters:
    ///   - description: What PAPI says of the zone, for subzones of powercap, whose names do not tell their domain.
    ///   - packageOfCPU: The package of a processor, for events that name one.
    init?(_ name: String, description: String = "", packageOfCPU: (Int) -> Int? = { _ in nil }) {
        self.name = name
        let parts = name.split(separator: ":").map(String.init)
        guard parts.count >= 3 || name.hasPrefix("PM_ENERGY") else { return nil }
        let isComponent = name.contains(":::")
        switch (parts[0], isComponent) {
        case ("powercap", true) where parts[1] == "ENERGY_UJ":
            let numbers = parts[2].split(separator: "_").map { number($0) }
            package = numbers.first ?? nil
            joulesPerCount = 1e-6
            // A zone within a zone says by its description alone what it is.
            guard let domain = numbers.count == 1 ? .package : Self.domain(in: description) else { return nil }
            self.domain = domain
        case ("rapl", true) where parts[1].hasSuffix("_ENERGY"):
            guard let domain = Self.registers[String(parts[1].dropLast("_ENERGY".count))] else { return nil }
            self.domain = domain
            package = number(parts[2])
            joulesPerCount = 1e-9
        case ("rapl", false), ("amd64_rapl", false):
            guard parts[1].hasPrefix("RAPL_ENERGY_"),
                let domain = Self.registers[String(parts[1].dropFirst("RAPL_ENERGY_".count))]
            else { return nil }
            self.domain = domain
            package = number(parts[2]).flatMap(packageOfCPU)
            joulesPerCount = 0x1p-32
        case ("nvml", true) where parts.last == "total_energy_consumption":
            domain = .gpu
            joulesPerCount = 1e-3
        case ("cray_pm", true) where parts[1] == "PM_ENERGY", ("PM_ENERGY", false):
            guard let domain = Self.cray[String((parts.last ?? "").prefix { !$0.isNumber })] else { return nil }
            self.domain = domain
            joulesPerCount = 1
        default: return nil
        }
    }

    private static let registers: [String: Domain] = [
        "PACKAGE": .package, "PKG": .package, "DRAM": .dram, "PP0": .core, "CORES": .core, "PP1": .uncore,
        "GPU": .uncore, "PSYS": .psys,
    ]
    private static let cray: [String: Domain] = [
        "NODE": .node, "CPU": .cpu, "MEMORY": .memory, "ACC": .accelerator, "ACCEL": .accelerator,
    ]

    private static func domain(in description: String) -> Domain? {
        // "uncore" holds "core".
        [Domain.dram, .uncore, .core].first { description.contains($0.rawValue) }
    }

    /// The channel; `inTotal` as the domain alone decides it, for an interface without a counter of the node.
    var channel: Channel {
        Channel(
            name: "papi/" + name,
            device: device,
            domain: domain.rawValue,
            kind: .energyCounter(joulesPerCount: joulesPerCount, range: nil),
            basis: .measured,
            inTotal: domain != .core && domain != .uncore && domain != .psys,
            relativeUncertainty: uncertainty.value,
            uncertaintySource: uncertainty.source,
            updatePeriod: Seconds(device == .node || domain == .accelerator || domain == .gpu ? 0.1 : 0.001),
            maximumPower: Watts(device == .node ? 20_000 : domain == .psys ? 5000 : 1000),
            source: name,
            note: note,
            hardware: hardware
        )
    }

    private var device: Device {
        switch domain {
        case .package, .core, .uncore, .cpu: .cpu
        case .dram, .memory: .memory
        case .gpu, .accelerator: .gpu
        case .node: .node
        case .psys: .platform
        }
    }

    private var uncertainty: (value: Double, source: String) {
        switch domain {
        case .package, .core, .uncore: (0.03, "type B, assumed for RAPL packages: 3 %")
        case .dram: (0.05, "type B, assumed for RAPL dram: 5 %")
        case .psys: (0.05, "type B, assumed for RAPL psys: 5 %; calibrated by the board's vendor if at all")
        case .gpu: (0.05, "type B, assumed for NVML: 5 %")
        case .node, .cpu, .memory, .accelerator: (0.05, "type B, assumed for Cray's power monitoring: 5 %")
        }
    }

    private var note: String? {
        switch domain {
        case .psys: "the whole platform; never added to its parts"
        case .core where name.hasPrefix("amd64_rapl"): "one core only"
        default: nil
        }
    }

    private var hardware: String? {
        switch domain {
        case .package: package.map { "rapl/package-\($0)" }
        case .dram, .core, .uncore: package.map { "rapl/package-\($0)/\(domain.rawValue)" }
        case .psys: "rapl/psys"
        case .node, .cpu, .memory, .accelerator:
            "cray/" + (name.split(separator: ":").last.map { $0.lowercased() } ?? domain.rawValue)
        case .gpu: nil
        }
    }
}

/// The number at the end of a word, as in `ZONE12` or `cpu=3`.
private func number(_ word: some StringProtocol) -> Int? {
    Int(word.reversed().prefix(while: \.isNumber).reversed().map(String.init).joined())
}
