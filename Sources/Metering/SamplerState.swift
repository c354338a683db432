/// What the sampler's thread works on.
///
/// Between `start` and the join only that thread touches it; the ring and the alarm are the two ways in from outside.
@safe
final class SamplerState: ThreadBody {
    let ring: SampleRing
    var nextTick: Int64 = 0
    private(set) var ticks = 0
    private(set) var missed = 0
    private(set) var lateness = Lateness()
    private(set) var cpuTime: Int64 = 0
    private(set) var failures: [ProbeError?]

    private let probes: [ProbeBox]
    private let widths: [Int]
    private var closed: [Bool]
    private let interval: Int64
    private let readings: UnsafeMutableBufferPointer<RawReading>
    private let alarm = Alarm()

    init(_ probes: [ProbeBox], interval: Int64, rows: Int) {
        self.probes = probes
        self.interval = interval
        widths = probes.map(\.channels.count)
        closed = Array(repeating: false, count: probes.count)
        failures = Array(repeating: nil, count: probes.count)
        let width = widths.reduce(0, +)
        ring = SampleRing(channels: width, capacity: rows)
        unsafe readings = .allocate(capacity: width)
        unsafe readings.initialize(repeating: RawReading())
    }

    deinit { unsafe readings.deallocate() }

    /// What the probes have to say of their readings.
    var warnings: [String] { probes.flatMap(\.warnings) }

    /// Ends `run` at once.
    func wakeUp() { alarm.ring() }

    /// Beats until woken.
    ///
    /// The wait has an absolute time, so lateness never adds up.
    override func run() {
        while alarm.sleep(until: nextTick) {
            lateness.add(monotonicNow() - nextTick)
            tick()
            nextTick += interval
            let behind = monotonicNow() - nextTick
            if behind >= 0 {
                let skipped = behind / interval + 1
                missed += Int(skipped)
                nextTick += skipped * interval
            }
        }
        cpuTime = threadCPUTime()
    }

    /// Reads every probe once and appends the row.
    func tick() {
        for i in unsafe readings.indices { unsafe readings[i] = RawReading() }
        let before = microseconds(monotonicNow())
        var first = 0
        for i in probes.indices {
            let end = first + widths[i]
            if !closed[i] { read(i, first..<end) }
            first = end
        }
        let after = microseconds(monotonicNow())
        if unsafe ring.append(before: before, after: after, readings.span) { ticks += 1 } else { missed += 1 }
    }

    private func read(_ i: Int, _ range: Range<Int>) {
        let own = unsafe UnsafeMutableBufferPointer(rebasing: readings[range])
        var span = unsafe own.mutableSpan
        do throws(ProbeError) {
            try probes[i].read(into: &span)
        } catch {
            for k in range { unsafe readings[k] = RawReading() }
            if error.consequence == .closeProbe { closed[i] = true }
            if failures[i] == nil { failures[i] = error }
        }
    }

    /// Whole microseconds, still counted in nanoseconds: what a trace holds.
    private func microseconds(_ time: Int64) -> Int64 { (time + 500) / 1000 * 1000 }
}
