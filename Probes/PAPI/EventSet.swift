internal import CPAPI
import Glibc
internal import Metering

/// Events of one component that are counted together from the moment that it is opened.
@safe
struct EventSet: ~Copyable {
    private let set: OpaquePointer
    /// Whether it counts in the kernel too, which a user may be refused; only of sets that follow a process.
    var seesKernel: Bool { unsafe cpapi_sees_kernel(set) != 0 }

    /// Starts to count; `process` and its children, or the whole machine where it is `nil`.
    ///
    /// - Throws: PAPI's code, and the place of the event that it refused, if it took the set.
    init(_ library: PAPILibrary, component: Int32, events: [String], process: Int32?) throws(Refusal) {
        var code: Int32 = 0
        guard let set = unsafe cpapi_make_set(library.pointer, component, process ?? 0, &code) else {
            throw Refusal(code: code, event: nil)
        }
        var place = 0
        while code == 0, place < events.count {
            code = unsafe cpapi_add(set, events[place])
            if code == 0 { place += 1 }
        }
        if code == 0 {
            code = unsafe cpapi_run(set)
            // What cannot be counted together with the others is the last of them.
            place = events.count - 1
        }
        guard code == 0 else {
            unsafe cpapi_free_set(set)
            throw Refusal(code: code, event: place)
        }
        unsafe self.set = set
    }

    deinit { unsafe cpapi_free_set(set) }

    /// Why a set does not count.
    struct Refusal: Error {
        var code: Int32
        var event: Int?
    }

    /// Reads all running totals; whether PAPI gave them.
    func read(into values: UnsafeMutablePointer<Int64>) -> Bool { unsafe cpapi_read(set, values) == 0 }
}

/// The kernel's own counter of one software event on a process and its children.
struct SoftwareEvent: ~Copyable {
    private let descriptor: Int32
    /// Whether it counts in the kernel too, which a user may be refused.
    let seesKernel: Bool

    /// Opens it by PAPI's name of the event; `nil` where the kernel or libpfm refuses, or the event needs hardware.
    init?(_ library: PAPILibrary, event: String, process: Int32) {
        var mode: Int32 = 0
        let opened = unsafe cpapi_open_software_event(library.pointer, event, process, &mode)
        guard opened >= 0 else { return nil }
        seesKernel = mode != 0
        descriptor = opened
    }

    deinit { close(descriptor) }

    /// The running count; `nil` where the kernel gave none.
    func read() -> UInt64? {
        var value: UInt64 = 0
        let length = unsafe Glibc.read(descriptor, &value, MemoryLayout<UInt64>.size)
        return length == MemoryLayout<UInt64>.size ? value : nil
    }
}
