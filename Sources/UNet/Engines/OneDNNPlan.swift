import COneDNN

/// Collects primitives, the memory that they share, and the order in which they run.
///
/// One plan serves a net: primitives are made once, and a pass is a walk over closures that call them.
@safe
final class OneDNNPlan {
    /// One thing to do; 0 or oneDNN's status.
    typealias Step = () -> Int32

    let context: OpaquePointer
    /// Type of activations in memory.
    let type: od_type
    /// Whether f32 memory holds values rounded to bf16: true numerics without bf16 instructions.
    let rounds: Bool
    private let threads: Int?
    private(set) var implementations: [String] = []
    private(set) var usesWinograd = false
    private var operations: [OpaquePointer] = unsafe []
    private var buffers: [Buffer] = []
    private var scratch: Buffer?

    init(type: od_type, rounds: Bool, threads: Int?) throws(UNetError) {
        guard let context = unsafe od_open() else {
            throw UNetError(
                code: .unsupported,
                problem: "oneDNN opens no CPU engine.",
                remedy: "Use --engine openblas."
            )
        }
        unsafe self.context = unsafe context
        self.type = type
        self.rounds = rounds
        self.threads = threads
        useThreads()
    }

    deinit {
        unsafe operations.forEach { unsafe od_free($0) }
        unsafe od_close(context)
    }

    /// Memory of a blocked activation n x c x s x s.
    func activation(_ n: Int, _ c: Int, _ s: Int) throws(UNetError) -> Buffer {
        let bytes = od_activation_bytes(type, Int32(n), Int32(c), Int32(s), Int32(s))
        return try buffer(bytes: Int(bytes))
    }

    /// Zeroed memory that lives as long as the plan.
    func buffer(bytes: Int) throws(UNetError) -> Buffer {
        let buffer = try Buffer(bytes: bytes)
        buffers.append(buffer)
        return buffer
    }

    /// Elements of a buffer of activations, the padding included.
    func count(_ buffer: Buffer) -> Int64 { Int64(buffer.bytes) / (type == od_bf16 ? 2 : 4) }

    /// Keeps a primitive and returns the step that runs it.
    func step(_ layer: String, _ operation: OpaquePointer?) throws(UNetError) -> Step {
        guard let operation = unsafe operation else {
            throw UNetError(
                code: .unsupported,
                problem: "oneDNN has no implementation for \(layer) on this CPU.",
                remedy: "Use --engine openblas."
            )
        }
        unsafe operations.append(operation)
        let name = unsafe String(cString: od_implementation(operation))
        implementations.append("\(layer) \(name)")
        return { unsafe od_run(operation) }
    }

    /// A convolution's primitive by Winograd's algorithm where it is wanted and there, else direct.
    func convolution(
        _ layer: String,
        _ shape: od_convolution,
        _ make: (UnsafePointer<od_convolution>) -> OpaquePointer?
    ) throws(UNetError) -> Step {
        var shape = shape
        if shape.algorithm == od_winograd {
            if let operation = unsafe make(&shape) {
                usesWinograd = true
                return try unsafe step(layer, operation)
            }
            shape.algorithm = od_direct
        }
        return try unsafe step(layer, make(&shape))
    }

    /// A step that rounds what the step before it wrote, where bf16 is emulated; otherwise none.
    func rounding(_ buffer: Buffer) -> [Step] {
        guard rounds else { return [] }
        let count = self.count(buffer)
        return [
            {
                unsafe od_round_to_bf16(count, buffer.floats)
                return 0
            }
        ]
    }

    /// Gives all primitives the one scratch memory that they share; called after the last was made.
    func seal() throws(UNetError) {
        let scratch = try Buffer(bytes: Int(unsafe od_scratch_bytes(context)))
        unsafe od_set_scratch(context, scratch.raw)
        self.scratch = scratch
    }

    /// OpenMP keeps the number of threads for each thread that calls it, and a net may be called from any.
    private func useThreads() {
        if let threads { od_use_threads(Int32(threads)) }
    }

    /// Runs steps in order.
    func run(_ steps: [Step]) throws(UNetError) {
        useThreads()
        for step in steps {
            let status = step()
            guard status == 0 else {
                throw UNetError(
                    code: .unsupported,
                    problem: "oneDNN ended a primitive with status \(status).",
                    remedy: "Report it with the output of `wattbook-unet describe`, and use --engine openblas."
                )
            }
        }
    }
}
