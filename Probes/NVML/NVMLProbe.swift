import CNVML
public import Metering

/// Reads GPUs through NVIDIA's management library.
///
/// A read is one call a channel, without allocation; now and then two more a GPU, for what holds it back.
public struct NVMLProbe: Probe, ~Copyable {
    /// The channels of the survey that it was opened from.
    public let channels: [Channel]
    private let library: NVMLLibrary
    private let sources: [Source]
    /// The GPU of each channel; `nil` once it is lost.
    private var devices: [cnvml_device?]
    /// Each GPU once, with the first of its channels and its power limit at the start, mW (0: not told).
    private let watched: [(device: cnvml_device, channel: String, limit: UInt32)]
    /// The reasons and the other limit that were seen of each.
    private var reasons: [UInt64]
    private var otherLimits: [UInt32]
    private var reads = 0
    private var living: Int

    /// Clocks and limits are looked at once in so many reads: they are not what is measured.
    private static let looksEvery = 10

    /// Takes the GPUs of a survey; one that was lost since then stays missing.
    ///
    /// - Throws: where none is left.
    public init(_ survey: NVMLSurvey) throws(ProbeError) {
        guard let library = survey.library else {
            throw ProbeError(.closeProbe, source: "NVML", problem: "There is no GPU to open.")
        }
        let devices = survey.streams.map { try? library.device($0.gpu.index).get() }
        let living = devices.count { $0 != nil }
        guard living > 0 else {
            throw ProbeError(.closeProbe, source: library.name, problem: "No GPU answers any more.")
        }
        var watched: [(device: cnvml_device, channel: String, limit: UInt32)] = []
        for (channel, device) in zip(survey.channels, devices) {
            guard let device, !watched.contains(where: { $0.device == device }) else { continue }
            watched.append((device, channel.name, (try? library.powerLimit(device).get()) ?? 0))
        }
        channels = survey.channels
        sources = survey.streams.map(\.source)
        self.library = library
        self.devices = devices
        self.watched = watched
        reasons = Array(repeating: 0, count: watched.count)
        otherLimits = Array(repeating: 0, count: watched.count)
        self.living = living
    }

    /// One reading a channel, in mJ and mW; a read that fails is missing, and a GPU that is lost stays so.
    public mutating func read(into readings: inout MutableSpan<RawReading>) throws(ProbeError) {
        for i in sources.indices {
            guard let device = devices[i] else {
                readings[i] = RawReading()
                continue
            }
            let (status, reading) = library.read(sources[i], of: device)
            readings[i] = reading
            if status == .gpuIsLost {
                devices[i] = nil
                living -= 1
            }
        }
        guard living > 0 else {
            throw ProbeError(.closeProbe, source: library.name, problem: "Every GPU is lost.")
        }
        if reads % Self.looksEvery == 0 { look() }
        reads += 1
    }

    private mutating func look() {
        for i in watched.indices {
            let device = watched[i].device
            reasons[i] |= library.clockReasons(device)
            if case .success(let limit) = library.powerLimit(device), limit != watched[i].limit {
                otherLimits[i] = limit
            }
        }
    }

    /// What held the GPUs back so far, and which were lost.
    public var warnings: [String] {
        let throttling = watched.indices.map { i in
            Throttling(
                channel: watched[i].channel,
                reasons: reasons[i],
                limit: watched[i].limit,
                otherLimit: otherLimits[i]
            )
        }
        let lost = zip(channels, devices).filter { $0.1 == nil }.map { "\($0.0.name): the GPU was lost." }
        return throttling.flatMap(\.warnings) + lost
    }
}
