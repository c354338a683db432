import Metering
import SystemPackage

/// One battery of the machine itself, as the kernel's power supply class shows it.
struct BatterySupply: Hashable {
    /// What its power comes from.
    enum Source: Hashable {
        /// `power_now`, µW.
        case power
        /// `current_now` µA times `voltage_now` µV.
        case currentAndVoltage
        /// `energy_now`, µWh, which falls.
        case energy
    }

    static let folder = "/sys/class/power_supply"

    var name: String
    var status: String
    /// `nil` where it shows none.
    var source: Source?

    var path: String { Self.folder + "/" + name }

    /// Every battery that drives the machine, not a mouse, in the order of their names.
    static func all(_ tree: FileTree) throws(Errno) -> [BatterySupply] {
        try tree.entries(folder).compactMap { name in
            let path = folder + "/" + name
            guard tree.line(path + "/type") == "Battery", tree.line(path + "/scope") != "Device" else { return nil }
            let has = { (file: String) in tree.line(path + "/" + file).flatMap { Int64($0) } != nil }
            let source: Source? =
                has("power_now")
                ? .power
                : has("current_now") && has("voltage_now")
                    ? .currentAndVoltage : has("energy_now") ? .energy : nil
            return BatterySupply(name: name, status: tree.line(path + "/status") ?? "", source: source)
        }
    }
}
