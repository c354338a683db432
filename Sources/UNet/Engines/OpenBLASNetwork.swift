import COpenBLAS

/// A net over im2col and sgemm in plain NCHW: portable, fp32, and the check of the oneDNN engine.
///
/// It shares no code with that engine but the list of operations, the parameters and the loss: concatenation is a
/// copy, normalisation and pooling are loops, transposed convolution is a matrix product.
@safe
final class OpenBLASNetwork: Network {
    let images: UnsafeMutablePointer<Float>
    let logits: UnsafeMutablePointer<Float>
    let logitGradients: UnsafeMutablePointer<Float>
    let primitives: [Primitive]
    let usesWinograd = false

    /// What an operation leaves for others.
    private let tensors: [Tensor]
    private let image: Tensor
    /// One after the other; whether it is a training matters to some.
    private let forwardSteps: [(Bool) -> Void]
    /// In the order of the forward pass.
    private let backwardSteps: [() -> Void]

    init(_ options: TrainingOptions, _ parameters: NetParameters) throws(UNetError) {
        let (net, batch, size) = (options.net, options.batch, options.size)
        primitives = net.layers(size: size).flatMap { layer in
            [Primitive.Pass.forward, .backward].map {
                Primitive(layer: layer.name, pass: $0, arithmetic: .fp32, implementation: "im2col+sgemm")
            }
        }
        // OpenBLAS has one number for the whole process.
        if let threads = options.threads { openblas_set_num_threads(Int32(threads)) }
        let image = try Tensor(batch, 1, size)
        self.image = image
        unsafe images = image.values
        let operations = net.operations
        let ranks = options.parallel?.synchronised
        // A patch for each pixel of the widest convolution.
        let widest = operations.map { operation in
            guard case .convolution = operation.kind else { return 0 }
            return operation.inputChannels * 9 * size.halved(operation.level).pixels
        }
        let columns = try Buffer(floats: widest.max() ?? 0)
        var (forwardSteps, backwardSteps): ([(Bool) -> Void], [() -> Void]) = ([], [])
        func add(_ forward: @escaping (Bool) -> Void, _ backward: @escaping () -> Void) {
            forwardSteps.append(forward)
            backwardSteps.append(backward)
        }
        var built: [Tensor] = []
        var joins: [Tensor] = []
        for operation in operations {
            let extent = size.halved(operation.level)
            let target = try Tensor(batch, operation.channels, extent)
            let inputs = operation.inputs.map { built[$0] }
            // Backward goes the other way: this comes after the operation's own.
            let finished = parameters.finishes(operation.layers)
            backwardSteps.append { _ = finished() }
            built.append(target)
            var source = inputs.first ?? image
            if inputs.count > 1 {
                source = try Tensor(batch, operation.inputChannels, extent)
                joins.append(source)
                let join = PlainJoin(inputs[0], inputs[1], target: source)
                add({ _ in join.forward() }, { join.backward() })
            }
            switch operation.kind {
            case .convolution:
                let sums = try Tensor(batch, operation.channels, extent)
                let convolution = PlainConvolution(
                    operation.name,
                    parameters,
                    source: source,
                    target: sums,
                    columns: columns
                )
                let norm = operation.normalization
                let normalization = try PlainNormalization(norm, parameters, source: sums, target: target, ranks)
                let isFirst = inputs.isEmpty
                add(
                    {
                        convolution.forward()
                        normalization.forward(training: $0)
                    },
                    {
                        normalization.backward()
                        convolution.backward(needsInput: !isFirst)
                    }
                )
            case .pooling:
                let pool = PlainPool(source: source, target: target)
                add({ _ in pool.forward() }, { pool.backward() })
            case .up:
                let up = try PlainUp(operation.name, parameters, source: source, target: target)
                add({ _ in up.forward() }, { up.backward() })
            case .repetition:
                let repetition = PlainRepetition(source: source, target: target)
                add({ _ in repetition.forward() }, { repetition.backward() })
            case .head(let hasBias):
                let head = PlainHead(operation.name, hasBias: hasBias, parameters, source: source, target: target)
                add({ _ in head.forward() }, { head.backward() })
            }
        }
        let output = built[built.count - 1]
        unsafe (logits, logitGradients) = (output.values, output.gradient)
        tensors = built.dropLast() + joins
        (self.forwardSteps, self.backwardSteps) = (forwardSteps, backwardSteps)
    }

    func forward(training: Bool) throws(UNetError) {
        for step in forwardSteps { step(training) }
    }

    func backward() throws(UNetError) {
        // Every reader of an activation adds its part.
        for tensor in tensors { tensor.clearGradient() }
        for step in backwardSteps.reversed() { step() }
    }
}

/// A plain activation n x c x h x w with its gradient.
final class Tensor {
    let n: Int
    let c: Int
    let size: ImageSize
    private let valueBuffer: Buffer
    private let gradientBuffer: Buffer

    init(_ n: Int, _ c: Int, _ size: ImageSize) throws(UNetError) {
        (self.n, self.c, self.size) = (n, c, size)
        valueBuffer = try Buffer(floats: n * c * size.pixels)
        gradientBuffer = try Buffer(floats: n * c * size.pixels)
    }

    var count: Int { n * c * size.pixels }
    var values: UnsafeMutablePointer<Float> { unsafe valueBuffer.floats }
    var gradient: UnsafeMutablePointer<Float> { unsafe gradientBuffer.floats }

    func clearGradient() { unsafe gradient.update(repeating: 0, count: count) }
}
