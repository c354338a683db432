import COpenBLAS

/// The U-Net over im2col and sgemm in plain NCHW: portable, fp32, and the check of the oneDNN engine.
///
/// It shares no code with that engine but the parameters and the loss: concatenation is a copy, normalisation and
/// pooling are loops, transposed convolution is a matrix product.
@safe
final class OpenBLASNetwork: Network {
    let images: UnsafeMutablePointer<Float>
    let logits: UnsafeMutablePointer<Float>
    let logitGradients: UnsafeMutablePointer<Float>
    let primitives: [Primitive]
    let usesWinograd = false

    private let net: NetConfiguration
    private let batch: Int
    private let size: Int
    private let parameters: NetParameters
    private let columns: Buffer
    private let image: Tensor
    private var encoders: [PlainBlock] = []
    private var pools: [PlainPool] = []
    private var ups: [PlainUp] = []
    private var decoders: [PlainBlock] = []
    private let output: Tensor
    private let outputGradient: Tensor
    private let headFinished: () -> Int32

    init(_ options: TrainingOptions, _ parameters: NetParameters) throws(UNetError) {
        (net, batch, size) = (options.net, options.batch, options.size)
        self.parameters = parameters
        headFinished = parameters.finishes("head")
        primitives = net.layers(size: size).flatMap { layer in
            [Primitive.Pass.forward, .backward].map {
                Primitive(layer: layer.name, pass: $0, arithmetic: .fp32, implementation: "im2col+sgemm")
            }
        }
        // OpenBLAS has one number for the whole process.
        if let threads = options.threads { openblas_set_num_threads(Int32(threads)) }
        let n = batch
        image = try Tensor(n, 1, size)
        output = try Tensor(n, 1, size)
        outputGradient = try Tensor(n, 1, size)
        unsafe images = image.values
        unsafe logits = output.values
        unsafe logitGradients = outputGradient.values
        var widest = 0
        for level in 0...net.depth {
            // A decoder's first convolution reads the skip and the upsampled channels together.
            let inputs = level == net.depth ? net.channels(level) : 2 * net.channels(level)
            let side = size >> level
            widest = max(widest, inputs * 9 * side * side)
        }
        columns = try Buffer(floats: widest)
        for level in 0...net.depth {
            let side = size >> level
            let source = level == 0 ? image : try Tensor(n, net.channels(level - 1), side)
            let block = try PlainBlock(
                "encoder.\(level)",
                parameters,
                source: source,
                channels: net.channels(level),
                columns: columns,
                synchronised: options.parallel?.synchronised
            )
            encoders.append(block)
            if level > 0 { pools.append(PlainPool(source: encoders[level - 1].output, target: source)) }
        }
        var below = encoders[net.depth].output
        for level in (0..<net.depth).reversed() {
            let joined = try Tensor(n, 2 * net.channels(level), size >> level)
            ups.append(
                try PlainUp(level, parameters, source: below, skip: encoders[level].output, joined: joined)
            )
            let block = try PlainBlock(
                "decoder.\(level)",
                parameters,
                source: joined,
                channels: net.channels(level),
                columns: columns,
                synchronised: options.parallel?.synchronised
            )
            decoders.append(block)
            below = block.output
        }
    }

    func forward(training: Bool) throws(UNetError) {
        for level in 0...net.depth {
            if level > 0 { pools[level - 1].forward() }
            encoders[level].forward(training: training)
        }
        for index in ups.indices {
            ups[index].forward()
            decoders[index].forward(training: training)
        }
        let features = decoders.last?.output ?? encoders[0].output
        let plane = size * size
        let (weights, bias) = unsafe (parameters.value("head.weight"), parameters.value("head.bias"))
        for n in 0..<batch {
            let out = unsafe output.values + n * plane
            for p in 0..<plane { unsafe out[p] = bias[0] }
            unsafe cblas_sgemv(
                CblasRowMajor,
                CblasTrans,
                Int32(net.filters),
                Int32(plane),
                1,
                features.values + n * net.filters * plane,
                Int32(plane),
                weights,
                1,
                1,
                out,
                1
            )
        }
    }

    func backward() throws(UNetError) {
        for block in encoders { block.output.clearGradient() }
        for block in decoders { block.output.clearGradient() }
        let features = decoders.last?.output ?? encoders[0].output
        let plane = size * size
        let (weights, dw) = unsafe (parameters.value("head.weight"), parameters.gradient("head.weight"))
        let db = unsafe parameters.gradient("head.bias")
        unsafe db[0] = 0
        for c in 0..<net.filters { unsafe dw[c] = 0 }
        for n in 0..<batch {
            let dout = unsafe logitGradients + n * plane
            var sum = 0.0
            for p in 0..<plane { sum += Double(unsafe dout[p]) }
            unsafe db[0] += Float(sum)
            let offset = n * net.filters * plane
            unsafe cblas_sgemv(
                CblasRowMajor,
                CblasNoTrans,
                Int32(net.filters),
                Int32(plane),
                1,
                features.values + offset,
                Int32(plane),
                dout,
                1,
                1,
                dw,
                1
            )
            for c in 0..<net.filters {
                let target = unsafe features.gradient + offset + c * plane
                for p in 0..<plane { unsafe target[p] = weights[c] * dout[p] }
            }
        }
        _ = headFinished()
        for index in ups.indices.reversed() {
            decoders[index].backward(needsInput: true)
            ups[index].backward()
        }
        for level in (0...net.depth).reversed() {
            encoders[level].backward(needsInput: level > 0)
            if level > 0 { pools[level - 1].backward() }
        }
    }
}

/// A plain activation n x c x s x s with its gradient.
final class Tensor {
    let n: Int
    let c: Int
    let s: Int
    private let valueBuffer: Buffer
    private let gradientBuffer: Buffer

    init(_ n: Int, _ c: Int, _ s: Int) throws(UNetError) {
        (self.n, self.c, self.s) = (n, c, s)
        valueBuffer = try Buffer(floats: n * c * s * s)
        gradientBuffer = try Buffer(floats: n * c * s * s)
    }

    var count: Int { n * c * s * s }
    var values: UnsafeMutablePointer<Float> { unsafe valueBuffer.floats }
    var gradient: UnsafeMutablePointer<Float> { unsafe gradientBuffer.floats }

    func clearGradient() { unsafe gradient.update(repeating: 0, count: count) }
}
