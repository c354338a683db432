import Glibc

/// Nanoseconds of `CLOCK_MONOTONIC`: every instant in a trace and in a marks file.
public func monotonicNow() -> Int64 { now(CLOCK_MONOTONIC) }

/// Microseconds of the wall clock since 1970 (UTC): read once a run, to line it up with grid intensity.
public func wallNow() -> Int64 { now(CLOCK_REALTIME) / 1000 }

/// The instant of `CLOCK_MONOTONIC` at which the wall clock next is a whole multiple of `interval` nanoseconds.
///
/// Nodes whose clocks are in step, as NTP keeps them within a millisecond, wake up in the same instant so: a program that
/// waits for its slowest node loses one disturbance for all of them, not one for each. Both clocks are slewed alike; a
/// step of the wall clock shows in beats that start after it.
public func nextWallMultiple(of interval: Int64) -> Int64 {
    let wall = now(CLOCK_REALTIME)
    return monotonicNow() + interval - wall % interval
}

/// Nanoseconds of CPU time that the calling thread has used.
public func threadCPUTime() -> Int64 { now(CLOCK_THREAD_CPUTIME_ID) }

/// Seconds of CPU time of this process and of all children that were waited for.
public func ownCPUTime() -> Double {
    [RUSAGE_SELF.rawValue, RUSAGE_CHILDREN.rawValue].reduce(0) { sum, who in
        var usage = rusage()
        guard unsafe getrusage(who, &usage) == 0 else { return sum }
        return [usage.ru_utime, usage.ru_stime].reduce(sum) { $0 + Double($1.tv_sec) + Double($1.tv_usec) * 1e-6 }
    }
}

/// The kernel's ticks a second, in which `/proc` counts processor time.
public let ticksPerSecond = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))

private func now(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    _ = unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
