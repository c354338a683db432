public import Metering
import SystemPackage

/// Reads powers and energies from the kernel's hardware monitors.
///
/// The descriptors stay open: a read is one `pread` a file and the parsing of its digits, without allocation.
public struct HwmonProbe: Probe, ~Copyable {
    /// The channels of the survey that it was opened from.
    public let channels: [Channel]
    private let files: [FileDescriptor]
    /// The second file of a product; closed from the start where there is none.
    private let factors: [FileDescriptor?]
    private var hasEnded: [Bool]
    private var living: Int

    /// Opens the files of a survey; a sensor that has gone since then has ended, and its channel stays missing.
    ///
    /// - Throws: where none opens.
    public init(_ survey: HwmonSurvey) throws(ProbeError) {
        channels = survey.channels
        files = survey.sensors.map { (try? survey.tree.open($0.file)) ?? FileDescriptor(rawValue: -1) }
        factors = survey.sensors.map { sensor in
            sensor.factor.map { (try? survey.tree.open($0)) ?? FileDescriptor(rawValue: -1) }
        }
        hasEnded = zip(files, factors).map { $0.rawValue < 0 || ($1?.rawValue ?? 0) < 0 }
        living = hasEnded.count { !$0 }
        guard living > 0 else {
            throw ProbeError(
                .closeProbe,
                source: channels.first?.source ?? Monitor.folder,
                problem: "No sensor of the hardware monitors opens."
            )
        }
    }

    deinit {
        for file in files where file.rawValue >= 0 { try? file.close() }
        for case let file? in factors where file.rawValue >= 0 { try? file.close() }
    }

    /// One reading a channel, in µW or µJ; a read that fails is missing, and a device that has gone stays so.
    ///
    /// Missing is also what a GPU gives while it is reset (`EPERM`), and a sensor that is switched off (`ENODATA`).
    public mutating func read(into readings: inout MutableSpan<RawReading>) throws(ProbeError) {
        for i in files.indices {
            readings[i] = RawReading()
            guard !hasEnded[i] else { continue }
            switch count(i) {
            case .success(let count): readings[i] = RawReading(raw: count)
            case .failure(.operationNotSupportedByDevice):
                hasEnded[i] = true
                living -= 1
            case .failure: break
            }
        }
        guard living > 0 else {
            throw ProbeError(
                .closeProbe,
                source: channels.first?.source ?? Monitor.folder,
                problem: "Every device of the hardware monitors has gone."
            )
        }
    }

    /// A file's number, or the product of two that are read one after the other.
    private func count(_ i: Int) -> Result<UInt64, Errno> {
        let first = files[i].readCount()
        guard let factor = factors[i], case .success(let volts) = first else { return first }
        let second = factor.readCount()
        guard case .success(let amperes) = second else { return second }
        let (product, isTooLarge) = volts.multipliedReportingOverflow(by: amperes)
        return isTooLarge ? .failure(.badMessage) : .success(product)
    }
}
