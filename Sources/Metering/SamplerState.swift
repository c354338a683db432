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
    let alarm = Alarm()

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

    private var lastTick: Int64 = 0
    private var extras = SamplerState.mostExtras

    /// Ends `run` at once.
    func wakeUp() { alarm.ring() }

    /// Beats until woken.
    ///
    /// The wait has an absolute time, so lateness never adds up.
    override func run() {
        while true {
            switch alarm.wait(until: nextTick) {
            case .rung:
                cpuTime = threadCPUTime()
                return
            case .nudge:
                extraTick()
                continue
            case .time: break
            }
            extras = Self.mostExtras
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
    }

    /// Ticks beside the beat that a program's marks may cause between two of its own.
    static let mostExtras = 4
    /// Marks that lie closer than so many ns share a tick.
    private static let closest: Int64 = 1_000_000

    /// A tick that a mark asked for, so that a region's ends have readings beside them.
    private func extraTick() {
        guard extras > 0, monotonicNow() - lastTick >= Self.closest else { return }
        extras -= 1
        tick()
    }

    /// Reads every probe once and appends the row.
    func tick() {
        for i in unsafe readings.indices { unsafe readings[i] = RawReading() }
        lastTick = monotonicNow()
        let before = microseconds(lastTick)
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
