import Glibc

/// Nanoseconds of `CLOCK_MONOTONIC`: every instant in a trace and in a marks file.
public func monotonicNow() -> Int64 { now(CLOCK_MONOTONIC) }

/// Microseconds of the wall clock since 1970 (UTC): read once a run, to line it up with grid intensity.
public func wallNow() -> Int64 { now(CLOCK_REALTIME) / 1000 }

/// Nanoseconds of CPU time that the calling thread has used.
public func threadCPUTime() -> Int64 { now(CLOCK_THREAD_CPUTIME_ID) }

private func now(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    _ = unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
