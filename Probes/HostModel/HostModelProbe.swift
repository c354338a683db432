import Glibc
public import Metering
import Quantities
import SystemPackage

/// Watts from utilisation, where no sensor is: an estimate, never a measurement.
///
/// The modelled energy is `Σ idle·t + (busy - idle)·t_busy` over the processors' time in `/proc/stat`, so that it
/// is cumulative like a counter and needs no clock; memory is 0.392 W a gigabyte of what the machine has.
public struct HostModelProbe: Probe, ~Copyable {
    /// `model/cpu` and `model/memory`.
    public let channels: [Channel]
    private let file: FileDescriptor
    private let coefficients: PowerCoefficients
    private let memoryWatts: Double
    private let processors: Double
    private let microsecondsPerTick: Double
    /// Where the model's zero is.
    private var first: ProcessorTime?
    /// The largest times seen: idle and disk-wait time step back now and then, and come again.
    private var latest = ProcessorTime()

    /// Opens `/proc/stat` below `root`.
    public init(root: String = "/") throws(ProbeError) {
        let (host, file) = try Self.open(FileTree(root: root))
        self.file = file
        channels = host.channels
        coefficients = host.coefficients
        memoryWatts = host.memoryWatts
        processors = Double(host.processors)
        microsecondsPerTick = 1e6 / ticksPerSecond
    }

    private static func open(_ tree: FileTree) throws(ProbeError) -> (HostModelDescription, FileDescriptor) {
        guard let host = HostModelDescription(tree), let file = try? tree.open("/proc/stat") else {
            throw ProbeError(
                .closeProbe,
                source: tree.path("/proc/stat"),
                problem: "There is no processor time to model from."
            )
        }
        return (host, file)
    }

    deinit { try? file.close() }

    /// The channels that this machine's model has, without keeping anything open; `nil` where `/proc/stat` tells nothing.
    public static func channels(root: String = "/") -> [Channel]? {
        HostModelDescription(FileTree(root: root))?.channels
    }

    /// Modelled microjoules since the first read; missing where the times could not be read.
    public mutating func read(into readings: inout MutableSpan<RawReading>) throws(ProbeError) {
        guard let now = processorTime() else {
            for i in readings.indices { readings[i] = RawReading() }
            return
        }
        let first = first ?? now
        self.first = first
        latest.busy = max(latest.busy, now.busy)
        latest.idle = max(latest.idle, now.idle)

        let busy = Double(latest.busy - first.busy) * microsecondsPerTick
        let idle = Double(latest.idle - first.idle) * microsecondsPerTick
        readings[0] = RawReading(raw: UInt64(busy * coefficients.busy + idle * coefficients.idle))
        if readings.count > 1 { readings[1] = RawReading(raw: UInt64((busy + idle) / processors * memoryWatts)) }
    }

    private func processorTime() -> ProcessorTime? {
        // Ten columns of twenty digits and their label fit.
        var line = InlineArray<256, UInt8>(repeating: 0)
        var span = line.mutableSpan
        guard case .success(let length) = file.read(at: 0, into: &span) else { return nil }
        return ProcessorTime(span.span.extracting(0..<length))
    }
}
