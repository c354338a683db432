import COneDNN

/// The largest value of each activation over calibration images, computed in fp32.
struct Calibration {
    private var peaks: [String: Float] = [:]
    /// Whether an image has values below zero.
    private(set) var isSigned = false

    /// What one unit is worth where the largest value is to be `levels` units.
    func unit(_ name: String, of levels: Float) -> Float {
        let peak = peaks[name] ?? 0
        // An activation that was never seen but zero may have any unit.
        return peak > 0 ? peak / levels : 1 / levels
    }

    /// Takes in what a pass of `network` has left.
    mutating func observe(_ network: OneDNNNetwork, images: ArraySlice<Float>) {
        record("image", images.reduce(0) { max($0, abs($1)) })
        isSigned = isSigned || images.contains { $0 < 0 }
        for (name, buffer) in network.activations {
            record(name, unsafe od_peak(Int64(buffer.bytes / 4), buffer.floats))
        }
    }

    private mutating func record(_ name: String, _ peak: Float) { peaks[name] = max(peaks[name] ?? 0, peak) }
}

/// A trained net, quantised to int8 after its training.
///
/// Weights: symmetric, a scale for each output channel, normalisation folded in. Activations: a scale for each tensor,
/// by the largest value that calibration images give. Every convolution is int8, the first too, since 8-bit images
/// lose nothing; the 1x1 head is fp32. Not for several threads at once.
public final class QuantizedNet: Predictor {
    /// What is really computed, and with what.
    public let numerics: Numerics

    private let options: TrainingOptions
    private let parameters: NetParameters
    private let network: QuantizedNetwork

    /// Quantises a net's state.
    ///
    /// - Parameters: `calibration` holds height x width values an image, at least one image.
    /// - Throws: `.badData` for a state of another net and for no calibration image, `.usage` for impossible options.
    public init(_ options: TrainingOptions, state: [NamedTensor], calibration: [Float]) throws(UNetError) {
        var options = options
        (options.precision, options.isTraining, options.algorithm) = (.int8, false, .direct)
        try options.check()
        let policy = try PrecisionPolicy(options)
        let pixels = options.size.pixels
        guard calibration.count.isMultiple(of: pixels) else { throw options.wrongCount(calibration.count) }
        guard !calibration.isEmpty else {
            throw UNetError(
                code: .badData,
                problem: "The calibration set holds no image.",
                remedy: "Give --calibration a folder of training images: int8 takes its scales from them."
            )
        }
        // The fp32 net sees one image after the other: its memory is small, and no padding image counts.
        var exact = options
        (exact.precision, exact.batch) = (.fp32, 1)
        let trainer = try Trainer(exact)
        try trainer.load(state)
        var ranges = Calibration()
        for start in stride(from: 0, to: calibration.count, by: pixels) {
            let image = calibration[start..<start + pixels]
            _ = try trainer.predict(images: Array(image))
            if let network = trainer.network as? OneDNNNetwork { ranges.observe(network, images: image) }
        }
        parameters = trainer.parameters
        network = try QuantizedNetwork(options, parameters, policy, ranges)
        numerics = policy.numerics(network.primitives, usesWinograd: false, wanted: .direct)
        self.options = options
    }

    /// Probabilities of the foreground, pixel by pixel.
    public func predict(images: [Float], into result: inout [Float]) throws(UNetError) {
        try network.predict(images, options, into: &result)
    }
}
