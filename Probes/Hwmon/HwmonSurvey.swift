public import Metering
import SystemPackage

/// What the kernel's hardware monitors of a machine tell of power and energy.
public struct HwmonSurvey: Sendable {
    /// Whether anything can be read.
    public let availability: Availability
    /// The channels that can be read.
    public let channels: [Channel]
    /// A sentence for each sensor that is left out.
    public let notes: [String]
    /// Those of the notes that a reader of a run must know.
    public let warnings: [String]
    /// The GPUs among the devices, by name.
    public let gpuNames: [String]

    let tree: FileTree
    /// What is read, in the order of ``channels``.
    let sensors: [Sensor]

    /// Looks through the monitors below `root` and keeps nothing open.
    ///
    /// - Parameters:
    ///   - root: What stands before every path.
    ///   - variable: A variable of the environment that tells which GPUs the job sees; `nil`: all are read.
    /// - Returns: The sensors of parts, or of a node whose sensors are as fine as those; and the slow meters of a node.
    public static func look(
        root: String = "/",
        variable: ((String) -> String?)? = nil
    ) -> (sensors: HwmonSurvey, meters: HwmonSurvey) {
        let tree = FileTree(root: root)
        let all: [Monitor]
        do throws(Errno) {
            all = try Monitor.scan(tree)
        } catch {
            let absent = Availability.absent(reason: "\(Monitor.folder) cannot be listed: \(error)")
            return (HwmonSurvey(tree, absent), HwmonSurvey(tree, absent))
        }
        func named(_ names: String...) -> [Monitor] { all.filter { names.contains($0.name) } }

        var parts = Look(tree)
        let amd = AMDGPU.sensors(named("amdgpu"), &parts, variable: variable)
        let intel = IntelGPU.sensors(all.filter { isIntelGPU($0.name) }, &parts)
        let sensors =
            ACPIPowerMeter.sockets(named("power_meter"), &parts) + POWER.sensors(named("ibmpowernv", "occ"), &parts)
            + AMDEnergy.sensors(named("zenergy", "amd_energy"), &parts) + Jetson.sensors(named("ina3221"), &parts)
            + amd.sensors + intel.sensors
        parts.notes += all.filter { !isKnown($0.name) && $0.hasPower(tree) }.map {
            "\($0.path) (\($0.name)) is not read: nothing here knows what it contains."
        }
        var whole = Look(tree)
        let meters = ACPIPowerMeter.nodes(named("power_meter"), &whole)
        return (
            HwmonSurvey(
                parts,
                sensors,
                absent: "\(Monitor.folder) has no sensor of power that is known here",
                gpuNames: amd.names + intel.names
            ),
            HwmonSurvey(whole, meters, absent: "\(Monitor.folder) has no power meter of the whole node")
        )
    }

    private init(_ look: Look, _ sensors: [Sensor], absent: String, gpuNames: [String] = []) {
        tree = look.tree
        self.sensors = Self.shortened(sensors)
        channels = self.sensors.map(\.channel)
        notes = look.warnings + look.notes
        warnings = look.warnings
        self.gpuNames = gpuNames
        if !sensors.isEmpty {
            availability = .ready
        } else {
            availability = look.denied.isEmpty ? .absent(reason: absent) : .denied(remedy: look.remedy)
        }
    }

    private init(_ tree: FileTree, _ availability: Availability) {
        self.tree = tree
        self.availability = availability
        (sensors, channels, notes, warnings, gpuNames) = ([], [], [], [], [])
    }

    private static func isIntelGPU(_ name: String) -> Bool {
        name == "i915" || name == "xe" || name.hasPrefix("i915_gt")
    }

    private static func isKnown(_ name: String) -> Bool {
        let known = ["amdgpu", "power_meter", "ibmpowernv", "occ", "zenergy", "amd_energy", "ina3221"]
        // Batteries belong to another interface.
        return known.contains(name) || isIntelGPU(name) || name.hasPrefix("BAT")
    }

    /// Takes the device's address from names that are as clear without it.
    private static func shortened(_ sensors: [Sensor]) -> [Sensor] {
        func short(_ name: String) -> String { String(name[..<(name.lastIndex(of: "@") ?? name.endIndex)]) }
        let count = Dictionary(grouping: sensors.map(\.channel.name), by: short).mapValues(\.count)
        func final(_ name: String) -> String { count[short(name)] == 1 ? short(name) : name }
        return sensors.map { sensor in
            var renamed = sensor
            renamed.channel.name = final(sensor.channel.name)
            renamed.channel.containedIn = sensor.channel.containedIn.map(final)
            return renamed
        }
    }
}
