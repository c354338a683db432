import CNVML
import Metering
import Quantities

/// What one GPU can tell.
struct Findings {
    var gpu: GPU
    var channels: [Channel] = []
    var streams: [NVMLSurvey.Stream] = []
    var warnings: [String] = []
    /// Why it tells nothing, where it does not.
    var refusal = NVMLStatus.notSupported
}

extension NVMLLibrary {
    /// Tries each way to the GPU's energy and power, and describes those that answer.
    func findings(_ gpu: GPU) -> Findings {
        var found = Findings(gpu: gpu)
        let handle: cnvml_device
        switch device(gpu.index) {
        case .success(let device): handle = device
        case .failure(let status):
            found.refusal = status
            return found
        }
        let counter = counter(of: handle, &found)
        let isAlone = counter == nil
        if let counter { found.add(counter.source, .counter(of: gpu, counter.source, self)) }
        let driver = Int(driverVersion.prefix { $0 != "." }) ?? 0
        let ways: [Source] = [.averagePower, .powerUsage, .instantPower] + (isAlone ? [.modulePower] : [])
        for way in ways {
            guard let window = PowerWindow(way, gpu.architecture, driver: driver),
                first(way, of: handle, &found) != nil
            else { continue }
            found.add(way, .power(of: gpu, way, window, isAlone: isAlone, self))
            break
        }
        found.warn(shows: counter?.count)
        return found
    }

    /// The counter as a field, where it is the one of the call: a field that shows another number is something else.
    private func counter(of device: cnvml_device, _ found: inout Findings) -> (source: Source, count: UInt64)? {
        let call = first(.energyCall, of: device, &found)
        let field = first(.energyField, of: device, &found)
        guard let call else { return field.map { (.energyField, $0) } }
        // So many mJ that no pause between the two calls explains more.
        guard let field, max(call, field) - min(call, field) < 10_000_000 else { return (.energyCall, call) }
        return (.energyField, field)
    }

    /// What a source shows; tried again where it says that it will do later.
    private func first(_ source: Source, of device: cnvml_device, _ found: inout Findings) -> UInt64? {
        for _ in 0..<3 {
            let (status, reading) = read(source, of: device)
            if status == .success { return reading.raw }
            if status.isDenial { found.refusal = status }
            guard status.isPassing else { return nil }
        }
        return nil
    }
}

extension Findings {
    fileprivate mutating func add(_ source: Source, _ channel: Channel) {
        channels.append(channel)
        streams.append(NVMLSurvey.Stream(gpu: gpu, source: source))
    }

    fileprivate mutating func warn(shows count: UInt64?) {
        guard let channel = channels.first, let last = streams.last else { return }
        if gpu.isMIG {
            warnings.append("\(channel.name) is the whole GPU: MIG is on, and what other instances draw is in it.")
        }
        if last.source == .modulePower {
            warnings.append("\(channel.name) is more than the GPU: only its whole module tells a power.")
        }
        if count == nil {
            warnings.append("\(channel.name) is integrated from power readings: this GPU has no energy counter.")
        } else if count == 0 {
            warnings.append("\(channel.name) shows 0: a counter that never moves gives no joules.")
        }
    }
}

extension Channel {
    fileprivate static func counter(of gpu: GPU, _ source: Source, _ library: NVMLLibrary) -> Channel {
        .gpu(
            "nvml/" + gpu.id,
            .energyCounter(joulesPerCount: 1e-3, range: nil),
            gpu,
            period: Seconds(gpu.architecture == .volta ? 0.02 : 0.1),
            source: "\(library.name): \(source)",
            note: gpu.words(driver: library.driverVersion)
        )
    }

    /// A GPU's power; alone it also says of which GPU, and makes the total.
    fileprivate static func power(
        of gpu: GPU,
        _ source: Source,
        _ window: PowerWindow,
        isAlone: Bool,
        _ library: NVMLLibrary
    ) -> Channel {
        let notes = [isAlone ? gpu.words(driver: library.driverVersion) : nil, window.note].compactMap { $0 }
        var channel = Channel.gpu(
            "nvml/\(gpu.id)/power",
            .power(wattsPerCount: 1e-3, window: window.window),
            gpu,
            period: window.period,
            source: "\(library.name): \(source)",
            note: notes.isEmpty ? nil : notes.joined(separator: "; ")
        )
        channel.inTotal = isAlone
        channel.containedIn = isAlone ? nil : "nvml/" + gpu.id
        // Beside the counter it is the counter's part, not another interface's twin.
        if !isAlone { channel.hardware = nil }
        if source == .modulePower { channel.domain = "module" }
        return channel
    }

    private static func gpu(
        _ name: String,
        _ kind: Kind,
        _ gpu: GPU,
        period: Seconds,
        source: String,
        note: String?
    ) -> Channel {
        Channel(
            name: name,
            device: .gpu,
            domain: "gpu",
            kind: kind,
            basis: .measured,
            inTotal: true,
            relativeUncertainty: 0.05,
            uncertaintySource: "type B: 5 % of a card's energy, after comparisons with a meter in its supply "
                + "(arXiv 2312.02741)",
            updatePeriod: period,
            // No GPU of today passes 3 kW; where limits are known, short peaks above the highest are allowed for.
            maximumPower: Watts(gpu.highestLimit.map { $0 * 1.5 } ?? 3000),
            source: source,
            note: note,
            hardware: "gpu/" + gpu.id
        )
    }
}
