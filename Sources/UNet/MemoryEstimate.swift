import COneDNN

/// Bytes that a training or an inference takes at its peak, known before any of them is asked for.
///
/// Buffers are counted as the engines plan them. Two parts are upper bounds by experience: what the program and its
/// libraries take by themselves, and the scratch memory of oneDNN's algorithms.
public struct MemoryEstimate: Sendable, Hashable {
    /// The program, its libraries, and their threads.
    public var program: Int
    /// Parameters, in bf16 rounded too; gradients, Adam's moments.
    public var parameters: Int
    /// Activations, their gradients, and the algorithms' scratch memory.
    public var net: Int
    /// Batches between files and net.
    public var batches: Int
    /// Copies of nets for and from checkpoints.
    public var copies = 0
    /// Decoded frames that are kept.
    public var frames = 0

    /// All of it.
    public var total: Int { program + parameters + net + batches + copies + frames }

    /// The net of `options` with its batches; `copies` is how many further sets of parameters are held.
    public init(_ options: TrainingOptions, copies: Int, frames: Int = 0) {
        let layout = NetLayout(options.net)
        let block = layout.count * 4
        let pixels = options.batch * options.size.pixels
        let threads = options.threads ?? 1
        program = Self.programBase + threads * Self.programThread + (options.parallel == nil ? 0 : Self.messages)
        // Memory that nothing is written to is not there.
        parameters = block
        if options.isTraining {
            parameters += 2 * block + (options.usesUpGradients ? layout.sharedGradients.count * 4 : block)
            // Rounded weights in two orders, where convolutions compute in bf16.
            let isRounded = options.engine == .onednn && Self.types(options).compute == od_bf16
            parameters += (isRounded ? block : 0) + (options.parallel?.allreduce == .bf16 ? block / 2 : 0)
        }
        // A ring of batches for the training and one for the validation, images and masks, and a result.
        batches = 2 * BatchLoader.batches(threads: threads) * 2 * pixels * 4 + 3 * pixels * 4
        // A checkpoint is written tensor by tensor, and where a training diverges unasked.
        self.copies = copies * block + (options.isTraining ? 4 * (layout.tensors.map(\.count).max() ?? 0) : 0)
        self.frames = frames
        let planned: Int
        switch (options.engine, options.precision) {
        case (.openblas, _): planned = Self.openBLAS(options)
        case (.onednn, .int8): planned = Self.int8(options, parameters: block, threads: threads)
        case (.onednn, _): planned = Self.oneDNN(options, parameters: block, threads: threads)
        }
        // A twentieth for what the libraries keep for each of their operations.
        net = planned + planned / 20
    }

    private static let programBase = 36 << 20
    private static let programThread = 2 << 20
    /// OpenMPI with its buffers.
    private static let messages = 32 << 20

    /// Types that activations are stored in and that primitives compute in.
    private static func types(_ options: TrainingOptions) -> (storage: od_type, compute: od_type) {
        // What cannot be had is refused elsewhere, in words.
        guard let policy = try? PrecisionPolicy(options) else { return (od_f32, od_f32) }
        return (policy.storage, policy.compute)
    }

    /// What `OneDNNNetwork` plans.
    private static func oneDNN(_ options: TrainingOptions, parameters: Int, threads: Int) -> Int {
        let (storage, compute) = types(options)
        let operations = options.net.operations
        func bytes(_ operation: NetOperation) -> Int {
            let size = options.size.halved(operation.level)
            return OneDNNSite.bytes(storage, options.batch, operation.channels, size)
        }
        let pixels = options.batch * options.size.pixels
        var total = 3 * pixels * 4 + (storage == od_f32 ? 0 : pixels * 2)
        // Rounded weights, where primitives do not round them.
        if storage != compute { total += parameters }
        // What is read and what is written, in fp32, for primitives that compute in it.
        if storage != compute || (storage != od_f32 && options.algorithm == .fastest) {
            total += 2 * OneDNNSite.bytes(od_f32, options.batch, options.net.filters, options.size)
        }
        for operation in operations {
            let values = options.batch * operation.channels * options.size.halved(operation.level).pixels
            switch operation.kind {
            // Sums; for a backward pass what they are normalised to beside them, and in fp32 a bit for each.
            case .convolution:
                let bits = compute == od_bf16 ? 0 : values / 8
                total += bytes(operation) + (options.isTraining ? bytes(operation) + bits : 0)
            // A byte tells where each value is from.
            case .pooling: total += bytes(operation) + values
            case .up, .repetition: total += bytes(operation)
            case .head: break
            }
        }
        let scratch = operations.map { Self.scratch(options, $0, threads: threads) }.max() ?? 0
        return total + scratch + arrangedWeights(operations)
    }

    /// Weights on their way into the order of an algorithm: the largest, where one convolution after the other uses the
    /// same memory, and those of layers whose channels are padded, which keep their own for each of three passes.
    private static func arrangedWeights(_ operations: [NetOperation]) -> Int {
        var (largest, kept) = (0, 0)
        for operation in operations {
            let taps: Int
            switch operation.kind {
            case .convolution: taps = 9
            case .up: taps = 4
            case .pooling, .repetition, .head: continue
            }
            for channels in operation.inputs.isEmpty ? [1] : operation.inputs.map({ operations[$0].channels }) {
                let bytes = 4 * taps * padded(operation.channels) * padded(channels)
                if channels % 16 == 0, operation.channels % 16 == 0 {
                    largest = max(largest, bytes)
                } else {
                    kept += 3 * bytes
                }
            }
        }
        return largest + kept
    }

    /// Weights of a net in int8, of which each layer has its own.
    private static func int8Weights(_ operations: [NetOperation]) -> Int {
        operations.reduce(0) { sum, operation in
            let inputs = operation.inputs.reduce(0) { $0 + padded(operations[$1].channels) }
            switch operation.kind {
            case .convolution: return sum + 9 * padded(operation.channels) * max(inputs, 16)
            case .up: return sum + 4 * padded(operation.channels) * inputs
            case .pooling, .repetition, .head: return sum
            }
        }
    }

    private static func padded(_ channels: Int) -> Int { (channels + 15) / 16 * 16 }

    /// The scratch memory of a 3x3 convolution.
    private static func scratch(_ options: TrainingOptions, _ operation: NetOperation, threads: Int) -> Int {
        guard case .convolution = operation.kind else { return 0 }
        let channels = padded(operation.channels)
        let size = options.size.halved(operation.level)
        let weights = channels * channels
        // Threads that share a convolution's gradient add up copies of it.
        let direct = 9 * weights * 4 * threads
        let transforms = WinogradTransforms(batch: options.batch, size: size, inputs: channels, outputs: channels)
        // So do those that share a transformed one.
        let winograd = 4 * (transforms.pixels * 11 / 10 + (threads + 1) * transforms.weights) + (8 << 20)
        let own = WinogradTransforms(
            batch: options.batch,
            size: size,
            inputs: operation.inputChannels,
            outputs: operation.channels
        )
        if own.areTooLarge(atLevel: operation.level, ofDepth: options.net.depth) { return direct }
        switch options.algorithm {
        case .direct: return direct
        case .winograd: return types(options).compute == od_f32 ? winograd : direct
        // A layer tries both.
        case .fastest: return max(direct, winograd)
        }
    }

    /// What `QuantizedNetwork` plans, and the fp32 net that sees the calibration image by image before.
    private static func int8(_ options: TrainingOptions, parameters: Int, threads: Int) -> Int {
        var calibrating = options
        (calibrating.precision, calibrating.batch) = (.fp32, 1)
        let pixels = options.batch * options.size.pixels
        let operations = options.net.operations
        let activations = operations.reduce(2 * pixels * 4 + pixels) { sum, operation in
            if case .head = operation.kind { return sum }
            let here = options.batch * options.size.halved(operation.level).pixels
            // Several inputs are joined first.
            return sum + here * (operation.channels + (operation.inputs.count > 1 ? operation.inputChannels : 0))
        }
        // Weights are folded and scaled in fp32 before they are rounded.
        return activations + int8Weights(operations) + 2 * parameters
            + oneDNN(calibrating, parameters: parameters, threads: threads)
    }

    /// What `OpenBLASNetwork` plans.
    private static func openBLAS(_ options: TrainingOptions) -> Int {
        var (floats, columns) = (2 * options.batch * options.size.pixels, 0)
        for operation in options.net.operations {
            let pixels = options.size.halved(operation.level).pixels
            let values = options.batch * operation.channels * pixels
            // Values and their gradients; several inputs are joined first.
            floats += 2 * values
            if operation.inputs.count > 1 { floats += 2 * options.batch * operation.inputChannels * pixels }
            switch operation.kind {
            case .convolution:
                floats += 2 * values
                columns = max(columns, operation.inputChannels * 9 * pixels)
            // Where each value is from.
            case .pooling: floats += values
            // Patches of one image.
            case .up: floats += values / options.batch
            case .repetition, .head: break
            }
        }
        return (floats + columns) * 4
    }
}
