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
    private var last: ProcessorTime?
    private var elapsed = ProcessorTime()

    /// Opens `/proc/stat` below `root`.
    public init(root: String = "/") throws(ProbeError) {
        let tree = FileTree(root: root)
        let host = HostModelDescription(tree)
        channels = host.channels
        coefficients = host.coefficients
        memoryWatts = host.memoryWatts
        processors = Double(max(1, host.processors))
        microsecondsPerTick = 1e6 / Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
        do throws(Errno) {
            file = try tree.open("/proc/stat")
        } catch {
            throw ProbeError(
                .closeProbe,
                source: tree.path("/proc/stat"),
                problem: "The processors' time cannot be read: \(error).",
                errno: error
            )
        }
    }

    deinit { try? file.close() }

    /// The channels that this machine's model has, without opening anything; `nil` where it has no `/proc/stat`.
    public static func channels(root: String = "/") -> [Channel]? {
        let tree = FileTree(root: root)
        return tree.exists("/proc/stat") ? HostModelDescription(tree).channels : nil
    }

    /// Modelled microjoules since the probe opened.
    public mutating func read(into readings: inout MutableSpan<RawReading>) throws(ProbeError) {
        let now = try processorTime()
        let before = last ?? now
        last = now
        // Idle and disk-wait time are known to step back now and then; that is no time at all.
        elapsed.busy += now.busy > before.busy ? now.busy - before.busy : 0
        elapsed.idle += now.idle > before.idle ? now.idle - before.idle : 0

        let busy = Double(elapsed.busy) * microsecondsPerTick
        let idle = Double(elapsed.idle) * microsecondsPerTick
        readings[0] = RawReading(raw: UInt64(busy * coefficients.busy + idle * coefficients.idle))
        if readings.count > 1 { readings[1] = RawReading(raw: UInt64((busy + idle) / processors * memoryWatts)) }
    }

    private func processorTime() throws(ProbeError) -> ProcessorTime {
        var line = InlineArray<32, UInt64>(repeating: 0)
        var bytes = line.mutableSpan
        let time: ProcessorTime? = unsafe bytes.withUnsafeMutableBytes { buffer in
            guard let length = try? unsafe file.read(at: 0, buffer) else { return nil }
            return unsafe ProcessorTime(buffer.prefix(length))
        }
        guard let time else {
            throw ProbeError(.dropTick, source: "/proc/stat", problem: "The processors' time could not be read.")
        }
        return time
    }
}
