import Metering
import Synchronization
import Testing

/// Wake-ups in step with those of other nodes.
@Suite("Alignment by the wall clock")
struct AlignmentTests {
    /// Nanoseconds by which the wall clock is ahead of the monotonic one, to about a microsecond.
    private static var offset: Int64 { wallNow() * 1000 - monotonicNow() }

    @Test("the next multiple lies less than an interval ahead", arguments: [1_000_000, 7_000_000, 1_000_000_000])
    func next(interval: Int64) {
        let now = monotonicNow()
        let next = nextWallMultiple(of: interval)
        #expect(next > now && next <= monotonicNow() + interval)
        let place = (next + Self.offset) % interval
        // On the multiple, within what lies between the readings of two clocks.
        #expect(min(place, interval - place) < 500_000, "\(place)")
    }

    @Test("the sampler's beat falls on multiples where it is aligned, and tells the same of a steady counter")
    func sampler() throws {
        let interval: Int64 = 50_000_000
        let sampler = try Sampler([Box(SamplerTests.CountingProbe())], interval: interval)
        let offset = Self.offset
        try sampler.start(aligned: true)
        pause(420_000_000)
        let report = sampler.stop()
        let trace = sampler.drain()
        #expect(report.ticks >= 6)
        // Between the first and the last sample, which belong to the command's start and end.
        let places = trace.before.dropFirst().dropLast().map { ($0 + offset) % interval }
        #expect(places.count >= 4)
        // A busy machine wakes late, never early.
        #expect(places.sorted()[places.count / 2] < 10_000_000, "\(places)")
    }

    @Test("a beat that is aligned calls on multiples, the first call at once")
    func beat() throws {
        let interval: Int64 = 40_000_000
        let times = Times()
        let offset = Self.offset
        let beat = try Beat(every: interval, aligned: true) { times.add(monotonicNow()) }
        pause(300_000_000)
        beat.stop()
        let places = times.all.dropFirst().map { ($0 + offset) % interval }
        #expect(places.count >= 3)
        #expect(places.sorted()[places.count / 2] < 10_000_000, "\(places)")
    }

    @Test(
        "jobs of several nodes are aligned, others are not",
        arguments: [
            (["SLURM_JOB_ID": "7", "SLURM_JOB_NUM_NODES": "4"], true),
            (["SLURM_JOB_ID": "7", "SLURM_JOB_NUM_NODES": "1"], false), (["SLURM_JOB_ID": "7"], false),
        ] as [([String: String], Bool)]
    )
    func jobs(environment: [String: String], wanted: Bool) {
        #expect(Job(environment: environment, allowed: 2, online: 2)?.isAligned == wanted)
    }

    private final class Times: Sendable {
        private let list = Mutex<[Int64]>([])
        var all: [Int64] { list.withLock { $0 } }
        func add(_ time: Int64) { list.withLock { $0.append(time) } }
    }
}
