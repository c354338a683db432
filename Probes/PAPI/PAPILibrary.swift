internal import CPAPI
internal import Metering

/// PAPI as it was loaded into this process.
///
/// It stays loaded until the process ends, and its functions are called by one thread at a time.
@safe
struct PAPILibrary: Sendable {
    /// One of the parts that PAPI was built with.
    struct Component: Sendable {
        var index: Int32
        /// Its name, as `perf_event` or `powercap`.
        var name: String
        /// Why it is disabled, in PAPI's words; empty where it says nothing.
        var reason: String
        var isDisabled: Bool
        /// Whether it can be attached to a process and the children that this will have.
        var followsProcesses: Bool
    }

    /// A library that does not load or does not start.
    struct Failure: Error {
        var reason: String
    }

    // PAPI's own state behind it belongs to the process, whoever holds the pointer.
    nonisolated(unsafe) let pointer: OpaquePointer
    /// The components, in PAPI's order.
    let components: [Component]
    /// Its version, as `7.0`.
    let version: String

    /// Loads the library at `path`, or by its known names where that is `nil`, and starts it.
    init(path: String?) throws(Failure) {
        var problem = [CChar](repeating: 0, count: 512)
        guard let library = unsafe cpapi_load(path, &problem, problem.count) else {
            throw Failure(reason: "no PAPI library loads: \(text(problem))")
        }
        let code = unsafe cpapi_start(library)
        guard code == 0 else {
            throw Failure(reason: "PAPI does not start: it says \(unsafe String(cString: cpapi_words(library, code)))")
        }
        unsafe pointer = library
        let number = unsafe cpapi_version(library)
        version = "\(number >> 24 & 255).\(number >> 16 & 255)"
        components = unsafe (0..<max(0, cpapi_component_count(library))).map { index in
            unsafe Component(
                index: index,
                name: String(cString: cpapi_component_name(library, index)),
                reason: String(cString: cpapi_component_reason(library, index)),
                isDisabled: cpapi_component_is_disabled(library, index) != 0,
                followsProcesses: cpapi_component_follows_processes(library, index) != 0
            )
        }
    }

    /// PAPI's own words for one of its codes.
    func words(_ code: Int32) -> String { unsafe String(cString: cpapi_words(pointer, code)) }

    /// The component of an event, or PAPI's code.
    func component(ofEvent name: String) -> Result<Component, PAPICode> {
        var code: Int32 = 0
        let status = unsafe cpapi_find(pointer, name, &code)
        guard status == 0 else { return .failure(PAPICode(value: status)) }
        let index = unsafe cpapi_component_of(pointer, code)
        guard let component = components.first(where: { $0.index == index }) else {
            return .failure(PAPICode(value: index))
        }
        return .success(component)
    }

    /// What PAPI says that an event is; empty where there is no such event.
    func description(ofEvent name: String) -> String {
        var code: Int32 = 0
        guard unsafe cpapi_find(pointer, name, &code) == 0 else { return "" }
        var words = [CChar](repeating: 0, count: 1024)
        unsafe cpapi_describe_event(pointer, code, &words, words.count)
        return text(words)
    }

    /// The names of all events of a component.
    func events(of component: Component) -> [String] {
        var names: [String] = []
        var code: Int32 = 0
        var name = [CChar](repeating: 0, count: 1024)
        while unsafe cpapi_next(pointer, component.index, names.isEmpty ? 1 : 0, &code, &name, name.count) == 0 {
            names.append(text(name))
        }
        return names
    }
}

/// One of PAPI's error codes.
struct PAPICode: Error {
    var value: Int32
}

/// What a C buffer says.
private func text(_ buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
