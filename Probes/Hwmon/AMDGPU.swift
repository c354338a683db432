import Metering
import Quantities

/// AMD's GPUs: a power each, no energy.
///
/// On an MI250X, two GPUs (dies) share a module: the first tells the power of the whole module and the second 0. So
/// a die of these devices that shows 0 is a part of the one before it. An APU's power includes its processor.
struct AMDGPU {
    private let monitor: Monitor
    private let model: String?
    private let uniqueID: String?
    private let isAPU: Bool

    /// Devices of two dies: MI250 and MI250X.
    private static let paired: Set<String> = ["0x7408", "0x740c"]
    /// MI300A, which does not show what tells the other APUs.
    private static let processors: Set<String> = ["0x74a0"]

    private init(_ monitor: Monitor, _ tree: FileTree) {
        self.monitor = monitor
        model = tree.line(monitor.path + "/device/device")
        uniqueID = tree.line(monitor.path + "/device/unique_id").flatMap { $0.isEmpty ? nil : $0 }
        // Only APUs have a voltage of their north bridge.
        isAPU = Self.processors.contains(model ?? "") || monitor.text("in1_label", tree) == "vddnb"
    }

    private func name(_ tree: FileTree) -> String {
        if let product = tree.line(monitor.path + "/device/product_name"), !product.isEmpty { return product }
        return model.map { "AMD GPU \($0)" } ?? "AMD GPU"
    }

    /// The powers of the GPUs that the job sees, and these GPUs' names.
    static func sensors(
        _ monitors: [Monitor],
        _ look: inout Look,
        variable: ((String) -> String?)?
    ) -> (sensors: [Sensor], names: [String]) {
        let gpus = monitors.map { AMDGPU($0, look.tree) }
        guard !gpus.isEmpty else { return ([], []) }
        var isSeen = [Bool](repeating: true, count: gpus.count)
        if let variable {
            switch VisibleGPUs(gpus.map(\.uniqueID), variable) {
            case .all: break
            case .some(let seen): for i in gpus.indices { isSeen[i] = seen.contains(i) }
            case .unclear(let why): look.warnings.append(why)
            }
        }
        var found: [(gpu: Int, value: UInt64, sensor: Sensor)] = []
        for (i, gpu) in gpus.enumerated() {
            let package = gpus[..<i].count(where: \.isAPU)
            guard let (sensor, value) = gpu.sensor(package: package, &look) else { continue }
            found.append((i, value, sensor))
        }
        let names = gpus.indices.filter { isSeen[$0] }.map { gpus[$0].name(look.tree) }
        join(&found, gpus, &isSeen)
        for entry in found where !isSeen[entry.gpu] {
            look.notes.append("\(entry.sensor.file) is left out: the job does not see that GPU; --all-gpus reads it.")
        }
        return (found.filter { isSeen[$0.gpu] }.map(\.sensor), names)
    }

    /// Its power and what that shows now; `package` is the processor's number, should it have one in it.
    private func sensor(package: Int, _ look: inout Look) -> (Sensor, UInt64)? {
        for file in ["power1_average", "power1_input"] {
            guard let path = monitor.file(file, look.tree), let value = look.value(path) else { continue }
            var sensor = Sensor.power(
                monitor.channelName(monitor.text("power1_label", look.tree) ?? "power1"),
                isAPU ? .platform : .gpu,
                isAPU ? "apu" : "gpu",
                file: path,
                relativeUncertainty: 0.05,
                "type B, assumed for the power that AMD's GPU firmware tells: 5 %"
            )
            sensor.channel.maximumPower = Watts(2000)
            if isAPU {
                sensor.channel.note = "an APU: the processor is in it"
                // The same package as the processor's own counter sees.
                sensor.channel.hardware = "rapl/package-\(package)"
            } else {
                // As AMD's own libraries call it, where it has a number of its own.
                sensor.channel.hardware = "gpu/" + (uniqueID.map { "GPU-" + $0 } ?? monitor.address)
            }
            return (sensor, value)
        }
        return nil
    }

    /// Places the second die of a module in the first, and sees that a job with either counts the module once.
    private static func join(
        _ found: inout [(gpu: Int, value: UInt64, sensor: Sensor)],
        _ gpus: [AMDGPU],
        _ isSeen: inout [Bool]
    ) {
        for i in found.indices where found[i].value == 0 {
            let gpu = found[i].gpu
            guard let model = gpus[gpu].model, paired.contains(model) else {
                found[i].sensor.channel.note = "showed 0 W when it was looked at"
                continue
            }
            found[i].sensor.channel.inTotal = false
            found[i].sensor.channel.note = "second die of a module: the first die's power is that of both"
            guard i > 0, found[i - 1].gpu == gpu - 1, found[i - 1].value > 0, gpus[gpu - 1].model == model else {
                continue
            }
            found[i].sensor.channel.containedIn = found[i - 1].sensor.channel.name
            found[i - 1].sensor.channel.note = "a module of two dies"
            if isSeen[gpu] != isSeen[gpu - 1] {
                found[i - 1].sensor.channel.note = "a module of two dies, of which the job sees one"
                (isSeen[gpu - 1], isSeen[gpu]) = (true, true)
            }
        }
    }
}
