public import Metering
import SystemPackage

/// Reads the power counters of an HPE Cray node, all of one renewal.
///
/// `freshness` counts the renewals: it is read before and after the counters, and all are read again where it moved.
/// Where `startup` moved, the counters began anew: that tick shows 0, so that the step is a reset, and what follows is
/// counted from there, even where a counter is already higher than before.
public struct CrayProbe: Probe, ~Copyable {
    /// The channels of the survey that it was opened from.
    public let channels: [Channel]
    private let files: [FileDescriptor]
    private let freshness: FileDescriptor?
    private let startup: FileDescriptor?
    private let generation: FileDescriptor?
    private let isEnergy: [Bool]
    private var counters: [UInt64]
    private var times: [UInt64]
    /// What a counter showed when it began anew.
    private var bases: [UInt64]
    private var epoch: UInt64?
    private var caps: UInt64?
    private var hasToldOfCaps = false

    /// How often the counters are read at most, until none was renewed in between.
    static let attempts = 3

    /// Opens the counters of a survey.
    public init(_ survey: CraySurvey) throws(ProbeError) {
        channels = survey.channels
        var files: [FileDescriptor] = []
        for channel in survey.channels {
            do throws(Errno) {
                files.append(try survey.tree.open(channel.source))
            } catch {
                for file in files { try? file.close() }
                throw ProbeError(
                    .closeProbe,
                    source: channel.source,
                    problem: "A Cray counter does not open: \(error).",
                    errno: error
                )
            }
        }
        self.files = files
        freshness = try? survey.tree.open(CraySurvey.folder + "/freshness")
        startup = try? survey.tree.open(CraySurvey.folder + "/startup")
        generation = try? survey.tree.open(CraySurvey.folder + "/generation")
        isEnergy = channels.map { if case .energyCounter = $0.kind { true } else { false } }
        counters = Array(repeating: RawReading.missing, count: files.count)
        times = Array(repeating: 0, count: files.count)
        bases = Array(repeating: 0, count: files.count)
        epoch = Self.count(startup)
        caps = Self.count(generation)
    }

    deinit {
        for file in files { try? file.close() }
        for file in [freshness, startup, generation] { try? file?.close() }
    }

    /// One reading a channel, in joules or watts, with the sensor's own time.
    ///
    /// The tick at which the power cap has changed is dropped, once, to say so; the counters go on.
    public mutating func read(into readings: inout MutableSpan<RawReading>) throws(ProbeError) {
        let before = Self.count(startup)
        for _ in 0..<Self.attempts {
            let renewal = Self.count(freshness)
            for i in files.indices { readCounter(i) }
            if renewal == Self.count(freshness) { break }
        }
        let now = Self.count(startup)
        // Begun anew between the two looks: some counters may be of before.
        let isMixed = now != before
        let isNew = now != nil && epoch != nil && now != epoch
        if !isMixed, now != nil { epoch = now }
        for i in files.indices {
            readings[i] = isMixed ? RawReading() : reading(i, isNew: isNew)
        }
        try tellOfCaps()
    }

    private mutating func readCounter(_ i: Int) {
        var text = InlineArray<80, UInt8>(repeating: 0)
        var span = text.mutableSpan
        counters[i] = RawReading.missing
        guard case .success(let length) = files[i].read(at: 0, into: &span),
            let counter = CrayCounter(text.span.extracting(0..<length))
        else { return }
        counters[i] = counter.value
        times[i] = counter.time
    }

    private mutating func reading(_ i: Int, isNew: Bool) -> RawReading {
        guard counters[i] != RawReading.missing else {
            // Its first value after that is where it is counted from.
            if isNew { bases[i] = RawReading.missing }
            return RawReading()
        }
        guard isEnergy[i] else { return RawReading(raw: counters[i], sourceTime: times[i] &* 1000) }
        if isNew || counters[i] < bases[i] { bases[i] = counters[i] }
        return RawReading(raw: counters[i] - bases[i], sourceTime: times[i] &* 1000)
    }

    private mutating func tellOfCaps() throws(ProbeError) {
        guard !hasToldOfCaps, let now = Self.count(generation), let caps, now != caps else { return }
        hasToldOfCaps = true
        throw ProbeError(
            .dropTick,
            source: CraySurvey.folder + "/generation",
            problem: "A power cap of the node was changed during the run."
        )
    }

    private static func count(_ file: FileDescriptor?) -> UInt64? {
        guard let file, case .success(let count) = file.readCount() else { return nil }
        return count
    }
}
