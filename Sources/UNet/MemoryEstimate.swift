import COneDNN

/// Bytes that a training or an inference takes at its peak, known before any of them is asked for.
///
/// Buffers are counted as the engines plan them. Two parts are upper bounds by experience: what the program and its
/// libraries take by themselves, and the scratch memory of oneDNN's algorithms.
public struct MemoryEstimate: Sendable, Hashable {
    /// The program, its libraries, and their threads.
    public var program: Int
    /// Parameters, gradients, Adam's moments.
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
        let (net, batch, size) = (options.net, options.batch, options.size)
        let layout = NetLayout(net)
        let block = layout.count * 4
        let pixels = batch * size * size
        let threads = options.threads ?? 1
        program = Self.programBase + threads * Self.programThread + (options.parallel == nil ? 0 : Self.messages)
        parameters = 4 * block + (options.parallel?.allreduce == .bf16 ? block / 2 : 0)
        // A ring of three batches for the training and one for the validation, and a result.
        batches = 6 * 2 * pixels * 4 + 3 * pixels * 4
        self.copies = copies * block
        self.frames = frames
        let planned: Int
        switch options.engine {
        case .onednn: planned = Self.oneDNN(options, parameters: block, threads: threads)
        case .openblas: planned = Self.openBLAS(net, batch: batch, size: size)
        }
        // A twentieth for what the libraries keep for each of their operations.
        self.net = planned + planned / 20
    }

    private static let programBase = 36 << 20
    private static let programThread = 2 << 20
    /// OpenMPI with its buffers.
    private static let messages = 32 << 20

    /// What `OneDNNNetwork` plans.
    private static func oneDNN(_ options: TrainingOptions, parameters: Int, threads: Int) -> Int {
        let (net, batch, size) = (options.net, options.batch, options.size)
        let isMixed = options.precision != .fp32
        let isNative = options.precision == .bf16 && od_computes_bf16()
        func activation(_ level: Int, side: Int) -> Int {
            let type = isNative ? od_bf16 : od_f32
            let (channels, side) = (Int32(net.channels(level)), Int32(side))
            return Int(od_activation_bytes(type, Int32(batch), channels, side, side))
        }
        func values(_ level: Int, side: Int) -> Int { batch * net.channels(level) * side * side }
        let pixels = batch * size * size
        var total = 3 * pixels * 4 + (isNative ? pixels * 2 : 0) + (isMixed && !isNative ? parameters : 0)
        var scratch = 0
        for level in 0...net.depth {
            let side = size >> level
            let one = activation(level, side: side)
            let isLowest = level == net.depth
            // Two blocks of four and what came up from below, or the lowest's one; gradient, spare, skip; a bit for
            // each value of a normalisation.
            total += (isLowest ? 4 + 2 : 4 + 4 + 1 + 3) * one
            total += (isLowest ? 2 : 4) * values(level, side: side) / 8
            // Pooled values, their gradient, and a byte each for where they are from.
            if !isLowest { total += 2 * activation(level, side: side / 2) + values(level, side: side / 2) }
            scratch = max(scratch, Self.scratch(options, level: level, threads: threads))
        }
        return total + scratch + ownWeights(net, isNative: isNative)
    }

    /// Each convolution's own weights in the order of its algorithm: forward, backward, and their gradient.
    private static func ownWeights(_ net: NetConfiguration, isNative: Bool) -> Int {
        func padded(_ level: Int) -> Int { (net.channels(level) + 15) / 16 * 16 }
        var weights = 0
        for level in 0...net.depth {
            let channels = padded(level)
            // Two in the encoder; in the decoder as many, a half for the skip, and the one that brings values up.
            weights += 9 * channels * (channels + (level > 0 ? padded(level - 1) : 16))
            if level < net.depth { weights += 9 * channels * 3 * channels + 4 * channels * padded(level + 1) }
        }
        return weights * (isNative ? 2 + 2 + 4 : 3 * 4)
    }

    /// The largest scratch memory of the 3x3 convolutions at a level.
    private static func scratch(_ options: TrainingOptions, level: Int, threads: Int) -> Int {
        let (net, batch) = (options.net, options.batch)
        let channels = (net.channels(level) + 15) / 16 * 16
        let side = options.size >> level
        let weights = channels * channels
        // Threads that share a convolution's gradient add up copies of it.
        guard options.algorithm == .winograd, options.precision == .fp32 else { return 9 * weights * 4 * threads }
        // F(4x4, 3x3) of Lavin and Gray (CVPR 2016): 36 products a tile, for tiles in and out and for weights.
        let tiles = batch * ((side + 3) / 4) * ((side + 3) / 4)
        return 36 * 4 * (tiles * 2 * channels * 11 / 10 + 2 * weights) + (8 << 20)
    }

    /// What `OpenBLASNetwork` plans.
    private static func openBLAS(_ net: NetConfiguration, batch: Int, size: Int) -> Int {
        let pixels = batch * size * size
        var (floats, columns) = (6 * pixels, 0)
        for level in 0...net.depth {
            let (channels, side) = (net.channels(level), size >> level)
            let one = batch * channels * side * side
            let isLowest = level == net.depth
            // Values and gradients of blocks of four, of the joined channels and of the block's pooled input, the
            // pool's places, and a patch for each pixel.
            floats += isLowest ? 8 * one : (8 + 8 + 4) * one + one / batch
            if level > 0 { floats += 2 * batch * net.channels(level - 1) * side * side }
            if level > 0 { floats += batch * net.channels(level - 1) * side * side }
            columns = max(columns, (isLowest ? 1 : 2) * channels * 9 * side * side)
        }
        return (floats + columns) * 4
    }
}
