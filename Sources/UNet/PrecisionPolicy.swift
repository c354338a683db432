import COneDNN

#if canImport(Glibc)
import Glibc
#endif

/// Decides once what arithmetic a net uses, and says where that is not what its user may think.
///
/// | precision | activations | convolutions | else |
/// |---|---|---|---|
/// | fp32 | fp32 | fp32 | fp32 |
/// | bf16 | bf16 | bf16 products, fp32 sums | fp32 |
/// | fp16 | fp16 | fp32 on values of fp16 | fp32; the loss is scaled |
/// | int8 | u8, s8 behind a transposed convolution | int8 products, int32 sums | head fp32; inference alone |
///
/// "Else" is master weights, statistics of normalisation, loss, gradients of weights and optimiser. Normalisation
/// computes in fp32 on stored activations. Where no instructions exist for a 16-bit type, its activations are still
/// stored in it, and widened around each primitive that computes in fp32: the numerics are true, the speed is not.
struct PrecisionPolicy {
    let precision: Precision
    /// Type of activations in memory.
    let storage: od_type
    /// Type that convolutions compute in.
    let compute: od_type
    let engine: EngineKind
    private(set) var warnings: [String] = []

    /// Errors: `.usage` for an engine or a task that the precision has no part in.
    init(_ options: TrainingOptions) throws(UNetError) {
        guard options.precision == .fp32 || options.engine == .onednn else {
            throw UNetError(
                code: .usage,
                problem: "The engine openblas computes in fp32 only, not in \(options.precision.rawValue).",
                remedy: "Use --precision fp32, or --engine onednn."
            )
        }
        var (precision, storage, compute) = (options.precision, od_f32, od_f32)
        switch precision {
        case .fp32: break
        case .bf16 where od_computes_bf16(): (storage, compute) = (od_bf16, od_bf16)
        case .bf16 where options.allowEmulation:
            storage = od_bf16
            warnings.append(
                "This CPU has no bf16 arithmetic: bf16 is emulated in fp32. "
                    + "Its numerics are true, its speed and energy say nothing of hardware with bf16."
            )
        case .bf16:
            precision = .fp32
            warnings.append(
                "This CPU has neither AVX512-BF16 nor AMX, so the net computes in fp32; "
                    + "--allow-emulation computes in emulated bf16, whose speed says nothing."
            )
        case .fp16:
            storage = od_f16
            warnings.append(
                "oneDNN has no fp16 arithmetic on this CPU: values are stored in fp16 and computed in fp32. "
                    + "The numerics are true, speed and energy say nothing of hardware with fp16."
            )
        case .int8:
            (storage, compute) = (od_8bit, od_8bit)
            guard !options.isTraining else {
                throw UNetError(
                    code: .usage,
                    problem: "A net cannot be trained in int8.",
                    remedy: "Train with --precision fp32 or bf16, then use infer --precision int8."
                )
            }
            if !od_computes_int8() {
                warnings.append(
                    "This CPU has no VNNI: int8 is computed with older instructions, whose sums of pairs may saturate. "
                        + "Its speed and energy say nothing of hardware with VNNI."
                )
            }
        }
        (self.precision, self.storage, self.compute, engine) = (precision, storage, compute, options.engine)
    }

    /// bf16 by fp32 instructions, whatever the CPU has.
    static let emulatedBF16 = PrecisionPolicy(precision: .bf16, storage: od_bf16, compute: od_f32)

    private init(precision: Precision, storage: od_type, compute: od_type) {
        (self.precision, self.storage, self.compute, engine) = (precision, storage, compute, .onednn)
    }

    /// Whether instructions of another type stand in for those of the precision.
    var isEmulated: Bool {
        precision == .int8 ? !od_computes_int8() : storage != compute
    }

    /// What the built net computes with, and warnings that only it can give: reference implementations, instructions
    /// that were not made for the type, an algorithm that is not there.
    func numerics(_ primitives: [Primitive], usesWinograd: Bool, wanted: ConvolutionAlgorithm) -> Numerics {
        var warnings = warnings
        if engine == .openblas, wanted != .direct {
            warnings.append("OpenBLAS has one algorithm only: --algorithm \(wanted.rawValue) plays no part.")
        } else if wanted == .winograd, !usesWinograd {
            warnings.append(
                "No convolution has a Winograd implementation for this CPU and precision, so all are direct."
            )
        }
        let slow = primitives.filter(\.isReference)
        if let first = slow.first {
            warnings.append(
                "oneDNN runs \(slow.count) layers by slow reference code, the first being \(first.line): "
                    + "--engine openblas will be faster on this CPU."
            )
        }
        let foreign = isEmulated ? [] : primitives.filter(\.isEmulated)
        if let first = foreign.first {
            warnings.append(
                "oneDNN emulates \(first.arithmetic.rawValue) in \(foreign.count) layers, the first being \(first.line)."
            )
        }
        return Numerics(
            precision: precision,
            arithmetic: isEmulated || !foreign.isEmpty ? "emulated" : "native",
            algorithm: wanted == .fastest && engine == .onednn ? .fastest : usesWinograd ? .winograd : .direct,
            primitives: primitives,
            warnings: warnings
        )
    }
}

/// The exponential, under a name that does not need Glibc where it is used.
func expOf(_ value: Float) -> Float { expf(value) }
