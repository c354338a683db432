import COneDNN

/// Collects primitives, the memory that they share, and the order in which they run.
///
/// One plan serves a net: primitives are made once, and a pass is a walk over closures that call them.
@safe
final class OneDNNPlan {
    /// One thing to do; 0 or oneDNN's status.
    typealias Step = () -> Int32

    let context: OpaquePointer
    /// Type of activations in memory, and the one that primitives compute in.
    let policy: PrecisionPolicy
    private let threads: Int?
    /// Elements of the largest activation.
    private let largest: Int64
    private(set) var primitives: [Primitive] = []
    private(set) var usesWinograd = false
    private var operations: [OpaquePointer] = unsafe []
    private var buffers: [Buffer] = []
    private var wide: [Buffer] = []
    private var scratch: Buffer?

    init(_ policy: PrecisionPolicy, largest: Int64, threads: Int?) throws(UNetError) {
        guard let context = unsafe od_open() else {
            throw UNetError(
                code: .unsupported,
                problem: "oneDNN opens no CPU engine.",
                remedy: "Use --engine openblas."
            )
        }
        unsafe self.context = unsafe context
        self.policy = policy
        self.largest = largest
        self.threads = threads
        useThreads()
    }

    deinit {
        unsafe operations.forEach { unsafe od_free($0) }
        unsafe od_close(context)
    }

    /// Zeroed memory that lives as long as the plan.
    func buffer(bytes: Int) throws(UNetError) -> Buffer {
        let buffer = try Buffer(bytes: bytes)
        buffers.append(buffer)
        return buffer
    }

    /// Elements of a buffer of activations, the padding included.
    func count(_ buffer: Buffer) -> Int64 { Int64(buffer.bytes) / (policy.storage == od_f32 ? 4 : 2) }

    /// Keeps a primitive and returns the step that runs it.
    func step(
        _ layer: String,
        _ pass: Primitive.Pass,
        _ operation: OpaquePointer?,
        type: od_type? = nil
    ) throws(UNetError) -> Step {
        guard let operation = unsafe operation else {
            throw UNetError(
                code: .unsupported,
                problem: "oneDNN has no implementation for \(layer) \(pass.rawValue) on this CPU.",
                remedy: "Use --engine openblas."
            )
        }
        unsafe operations.append(operation)
        record(layer, pass, unsafe String(cString: od_implementation(operation)), type: type)
        return { unsafe od_run(operation) }
    }

    /// Records what runs for a layer: a primitive, or a loop of this program.
    func record(_ layer: String, _ pass: Primitive.Pass, _ implementation: String = "loop", type: od_type? = nil) {
        let arithmetic: Precision =
            switch type ?? policy.compute {
            case od_bf16: .bf16
            case od_f32: .fp32
            default: .int8
            }
        primitives.append(
            Primitive(layer: layer, pass: pass, arithmetic: arithmetic, implementation: implementation)
        )
    }

    /// Gives all primitives the one scratch memory that they share; called after the last was made.
    func seal() throws(UNetError) {
        let wanted = Int(unsafe od_scratch_bytes(context))
        guard scratch == nil || scratch.map({ $0.bytes < wanted }) == true else { return }
        let scratch = try Buffer(bytes: wanted)
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

/// An activation as a step uses it.
enum Operand {
    case reads(Buffer)
    case writes(Buffer)
    case updates(Buffer)

    var buffer: Buffer {
        switch self {
        case .reads(let buffer), .writes(let buffer), .updates(let buffer): buffer
        }
    }
}

extension OneDNNPlan {
    /// A step with what has to happen before and after it.
    ///
    /// `make` binds the operands where they lie. Where they are stored in another type than `type`, in which the step
    /// computes, it binds f32 copies instead: what it reads is widened before, what it writes is rounded after.
    func steps(
        _ operands: [Operand],
        type: od_type? = nil,
        _ make: ([UnsafeMutableRawPointer]) throws(UNetError) -> Step
    ) throws(UNetError) -> [Step] {
        let storage = policy.storage
        guard storage != type ?? policy.compute else {
            return [try unsafe make(unsafe operands.map { unsafe $0.buffer.raw })]
        }
        var (before, after): ([Step], [Step]) = ([], [])
        var pointers: [UnsafeMutableRawPointer] = unsafe []
        for (index, operand) in operands.enumerated() {
            let (packed, copy, count) = (operand.buffer, try copy(index), count(operand.buffer))
            unsafe pointers.append(copy.raw)
            let unpack: Step = {
                unsafe od_unpack(storage, count, packed.raw.assumingMemoryBound(to: UInt16.self), copy.floats)
                return 0
            }
            let pack: Step = {
                unsafe od_pack(storage, count, copy.floats, packed.raw.assumingMemoryBound(to: UInt16.self))
                return 0
            }
            switch operand {
            case .reads: before.append(unpack)
            case .writes: after.append(pack)
            case .updates:
                before.append(unpack)
                after.append(pack)
            }
        }
        return before + [try unsafe make(pointers)] + after
    }

    /// The f32 copy of a step's operand `index`; one step after the other uses it.
    private func copy(_ index: Int) throws(UNetError) -> Buffer {
        while wide.count <= index { wide.append(try Buffer(bytes: Int(largest) * 4)) }
        return wide[index]
    }

    /// A convolution's primitive by the algorithm that is wanted.
    ///
    /// Winograd's falls back on direct where it does not exist. `fastest` times what there is, once each, on the
    /// operands' own memory; Winograd's computes in fp32 then, and its time holds the copies that this takes.
    func convolution(
        _ layer: String,
        _ pass: Primitive.Pass,
        _ shape: od_convolution,
        wanted: ConvolutionAlgorithm,
        _ operands: [Operand],
        _ make: (UnsafePointer<od_convolution>, [UnsafeMutableRawPointer]) -> OpaquePointer?
    ) throws(UNetError) -> [Step] {
        let direct = (algorithm: od_direct, type: policy.compute)
        let candidates =
            switch wanted {
            case .direct: [direct]
            case .winograd: [(od_winograd, policy.compute), direct]
            case .fastest: [direct, (od_winograd, od_f32)]
            }
        var best: (steps: [Step], operation: OpaquePointer, seconds: Double, choice: (od_algorithm, od_type))?
        for (algorithm, type) in candidates {
            var shape = shape
            (shape.algorithm, shape.type) = (algorithm, type)
            var made: OpaquePointer?
            let steps = try unsafe steps(operands, type: type) { pointers throws(UNetError) in
                unsafe made = unsafe make(&shape, pointers)
                let operation = unsafe made
                return { unsafe operation.map { unsafe od_run($0) } ?? -1 }
            }
            guard let operation = unsafe made else { continue }
            let seconds = wanted == .fastest ? try seconds(of: steps) : 0
            if let other = unsafe best {
                guard unsafe seconds < other.seconds else {
                    unsafe od_free(operation)
                    continue
                }
                unsafe od_free(other.operation)
            }
            unsafe best = unsafe (steps, operation, seconds, (algorithm, type))
            if wanted != .fastest { break }
        }
        _ = try unsafe step(layer, pass, best?.operation, type: best?.choice.1)
        if unsafe best?.choice.0 == od_winograd { usesWinograd = true }
        return unsafe best?.steps ?? []
    }

    /// Wall time of steps that have run once before.
    private func seconds(of steps: [Step]) throws(UNetError) -> Double {
        try seal()
        try run(steps)
        let clock = ContinuousClock()
        let start = clock.now
        try run(steps)
        return (clock.now - start) / .seconds(1)
    }
}
