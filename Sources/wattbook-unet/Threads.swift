internal import Foundation
internal import UNet

/// How many threads the engine computes with.
enum Threads {
    /// Processors that this process may run on: what a batch system or a container left it.
    static var available: Int {
        // Swift's Glibc has no sched_getaffinity; the kernel tells the same mask in words of hexadecimal digits.
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed:") }
        let mask = line?.drop { $0 != ":" }.compactMap(\.hexDigitValue) ?? []
        let count = mask.reduce(0) { $0 + $1.nonzeroBitCount }
        return count > 0 ? count : ProcessInfo.processInfo.activeProcessorCount
    }

    /// Starts this program anew with `count` threads in its environment, unless it has been started so.
    ///
    /// OpenMP and OpenBLAS read their variables while they are loaded, before `main`: to set them here is too late
    /// for this image of the process. `execve` keeps the process, its counters and its open files.
    static func use(_ count: Int) throws(UNetError) {
        let wanted = [
            "OMP_NUM_THREADS": "\(count)", "OPENBLAS_NUM_THREADS": "\(count)",
            // Waiting threads that spin would burn joules that the work does not need.
            "OMP_WAIT_POLICY": "passive",
        ]
        let present = ProcessInfo.processInfo.environment
        if wanted.allSatisfy({ present[$0.key] == $0.value }) { return }
        for (name, value) in wanted { unsafe setenv(name, value, 1) }
        unsafe execv("/proc/self/exe", CommandLine.unsafeArgv)
        let reason = unsafe String(cString: strerror(errno))
        throw UNetError(
            code: .unsupported,
            problem: "The program cannot start itself anew through /proc/self/exe: \(reason).",
            remedy:
                "Set OMP_NUM_THREADS=\(count) OPENBLAS_NUM_THREADS=\(count) OMP_WAIT_POLICY=passive and call it again."
        )
    }
}
