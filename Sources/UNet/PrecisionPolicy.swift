import COneDNN

#if canImport(Glibc)
import Glibc
#endif

/// Decides once what arithmetic a net uses, and says where that is not what its user may think.
///
/// bf16 means mixed precision: bf16 weights and activations go into convolutions that add up in fp32; master
/// weights, statistics, loss and optimiser stay fp32. A CPU without bf16 instructions refuses, since a measurement
/// of something else under that name would mislead; unless emulation is allowed: then the same rounded values are
/// computed by fp32 instructions, so that the numerics are true and the speed is not.
struct PrecisionPolicy {
    let precision: Precision
    let isNative: Bool
    let isEmulated: Bool
    private(set) var warnings: [String] = []

    /// Errors: `.usage` for an engine that has no bf16, `.unsupported` for a CPU that has none.
    init(_ options: TrainingOptions) throws(UNetError) {
        precision = options.precision
        let isMixed = options.precision == .bf16
        guard !isMixed || options.engine == .onednn else {
            throw UNetError(
                code: .usage,
                problem: "The engine openblas computes in fp32 only, not in bf16.",
                remedy: "Use --precision fp32, or --engine onednn."
            )
        }
        isNative = isMixed && od_computes_bf16()
        isEmulated = isMixed && !isNative
        guard isEmulated else { return }
        guard options.allowEmulation else {
            throw UNetError(
                code: .unsupported,
                problem: "--precision bf16 needs a CPU with AVX512-BF16 or AMX, and oneDNN finds neither here.",
                remedy: "Use --precision fp32, or emulate bf16 with --allow-emulation where speed does not matter."
            )
        }
        warnings.append(
            "This CPU has no bf16 arithmetic: bf16 is emulated in fp32. "
                + "Its numerics are true, its speed and energy say nothing of hardware with bf16."
        )
    }

    /// Adds what only the built net knows: reference implementations, and an algorithm that is not there.
    mutating func check(_ network: any Network, wanted: ConvolutionAlgorithm) {
        if wanted == .winograd, !network.usesWinograd {
            warnings.append(
                "No convolution has a Winograd implementation for this CPU and precision, so all are direct."
            )
        }
        let slow = network.implementations.filter { $0.contains("ref:") }
        if !slow.isEmpty {
            warnings.append(
                "oneDNN runs \(slow.count) layers by slow reference code, the first being \(slow[0]): "
                    + "--engine openblas will be faster on this CPU."
            )
        }
        let foreign = network.implementations.filter { $0.contains("bf16") && !$0.contains("_bf16") }
        if isNative, !foreign.isEmpty {
            warnings.append("oneDNN emulates bf16 in \(foreign.count) layers, the first being \(foreign[0]).")
        }
    }
}

/// The exponential, under a name that does not need Glibc where it is used.
func expOf(_ value: Float) -> Float { expf(value) }
