#if canImport(Glibc)
import Glibc
#endif

/// Decides once what arithmetic a net uses, and says where that is not what was asked for.
///
/// bf16 means mixed precision: bf16 weights and activations go into convolutions that add up in fp32; master
/// weights, statistics, loss and optimiser stay fp32. A CPU without bf16 instructions trains in fp32, unless
/// emulation is allowed: then the same rounded values are computed by fp32 instructions, so that the numerics are
/// true and the speed is not.
struct PrecisionPolicy {
    private(set) var precision: Precision
    private(set) var isNative = false
    private(set) var isEmulated = false
    private(set) var warnings: [String] = []

    init(_ options: TrainingOptions) {
        precision = options.precision
        guard options.precision == .bf16 else { return }
        if options.engine == .openblas {
            precision = .fp32
            warnings.append("The engine openblas computes in fp32 only, so this trains in fp32. Use --engine onednn.")
        } else if CPUFeatures.hasBF16 {
            isNative = true
        } else if options.allowEmulation {
            isEmulated = true
            warnings.append(
                "This CPU has no bf16 arithmetic: bf16 is emulated in fp32. "
                    + "Its numerics are true, its speed and energy say nothing of hardware with bf16."
            )
        } else {
            precision = .fp32
            warnings.append(
                "This CPU has no bf16 arithmetic, so this trains in fp32. "
                    + "Allow emulation with --allow-emulation, or use a CPU with AVX512-BF16 or AMX."
            )
        }
    }

    /// Adds what only the built net knows: reference implementations, and an algorithm that is not there.
    mutating func check(_ network: any Network, wanted: ConvolutionAlgorithm) {
        if wanted == .winograd, !network.usesWinograd {
            warnings.append(
                "No convolution has a Winograd implementation for this CPU and precision, so all are direct."
            )
        }
        let slow = network.implementations.filter { $0.contains(" ref") }
        if !slow.isEmpty {
            warnings.append("oneDNN runs \(slow.count) layers by slow reference code, the first being \(slow[0]).")
        }
        let foreign = network.implementations.filter { $0.contains("bf16") && !$0.contains("_bf16") }
        if isNative, !foreign.isEmpty {
            warnings.append("oneDNN emulates bf16 in \(foreign.count) layers, the first being \(foreign[0]).")
        }
    }
}

/// The exponential, under a name that does not need Glibc where it is used.
func expOf(_ value: Float) -> Float { expf(value) }
