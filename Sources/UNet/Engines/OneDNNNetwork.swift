import COneDNN

/// A net over oneDNN: blocked activations throughout, and no reorder of an activation anywhere.
@safe
final class OneDNNNetwork: Network {
    let images: UnsafeMutablePointer<Float>
    let logits: UnsafeMutablePointer<Float>
    let logitGradients: UnsafeMutablePointer<Float>
    var primitives: [Primitive] { plan.primitives }
    var usesWinograd: Bool { plan.usesWinograd }
    /// Activations by the name of what leaves them: `encoder.0.norm1`, `up.0`.
    private(set) var activations: [String: Buffer] = [:]

    private let plan: OneDNNPlan
    private var prepare: [OneDNNPlan.Step] = []
    private var training: [OneDNNPlan.Step] = []
    private var inference: [OneDNNPlan.Step] = []
    private var backwardSteps: [OneDNNPlan.Step] = []

    /// Plans the net as the policy says.
    init(_ options: TrainingOptions, _ parameters: NetParameters, _ policy: PrecisionPolicy) throws(UNetError) {
        let (net, batch, size) = (options.net, options.batch, options.size)
        // Each level below has twice the channels and a quarter of the pixels: the first is the largest.
        let largest = Int64(OneDNNSite.bytes(od_f32, batch, net.filters, size) / 4)
        let plan = try OneDNNPlan(policy, largest: largest, threads: options.threads)
        self.plan = plan
        let pixels = batch * size.pixels
        let image = try plan.buffer(bytes: pixels * 4)
        let (logits, logitGradients) = (try plan.buffer(bytes: pixels * 4), try plan.buffer(bytes: pixels * 4))
        unsafe (images, self.logits, self.logitGradients) = (image.floats, logits.floats, logitGradients.floats)

        let storage = policy.storage
        let source = storage == od_f32 ? image : try plan.buffer(bytes: pixels * 2)
        if storage != od_f32 {
            prepare.append {
                unsafe od_round(storage, Int64(pixels), image.floats)
                let packed = unsafe source.raw.assumingMemoryBound(to: UInt16.self)
                unsafe od_pack(storage, Int64(pixels), image.floats, packed)
                return 0
            }
        }
        // Weights for primitives in bf16 are rounded with an update or before a pass; for others this copy holds them.
        let rounded = storage == policy.compute ? nil : try plan.buffer(bytes: parameters.count * 4)
        if let rounded {
            prepare.append {
                unsafe rounded.floats.update(from: parameters.values.floats, count: parameters.count)
                unsafe od_round(storage, Int64(parameters.count), rounded.floats)
                return 0
            }
        }
        func weights(_ name: String) -> UnsafePointer<Float> {
            let master = unsafe parameters.value(name)
            guard let rounded else { return unsafe UnsafePointer(master) }
            return unsafe UnsafePointer(rounded.floats + (master - parameters.values.floats))
        }
        let site = unsafe OneDNNSite(
            plan: plan,
            parameters: parameters,
            weights: { unsafe weights($0) },
            batch: batch,
            algorithm: options.algorithm,
            isTraining: options.isTraining,
            depth: net.depth,
            synchronised: options.parallel?.synchronised
        )

        // In training an update rounds weights while they are in the cache; a prediction has none. Where oneDNN wants
        // another order, as for AMX, its passes go on reading the master weights.
        if options.isTraining, policy.compute == od_bf16 {
            try unsafe parameters.keepHalves(for: plan.context)
        }
        let operations = net.operations
        var built: [any OneDNNOperation] = []
        for operation in operations {
            let inputs = operation.inputs.map { built[$0].output }
            switch operation.kind {
            case .convolution:
                let isFirst = inputs.isEmpty
                let read = isFirst ? [OneDNNActivation(buffer: source, channels: 1, size: size)] : inputs
                let convolution = try OneDNNConvolution(operation, site, inputs: read, image: isFirst ? image : nil)
                activations[operation.normalization] = convolution.output.buffer
                built.append(convolution)
            case .pooling: built.append(try OneDNNPool(operation.name, site, source: inputs[0]))
            case .up:
                let up = try OneDNNUp(operation, site, source: inputs[0])
                activations[operation.name] = up.output.buffer
                built.append(up)
            case .repetition: built.append(try OneDNNRepetition(operation.name, site, source: inputs[0]))
            case .head(let hasBias):
                built.append(try OneDNNHead(operation, hasBias: hasBias, site, source: inputs[0], logits: logits))
            }
        }
        training = built.flatMap(\.training)
        inference = built.flatMap(\.inference)
        if options.isTraining {
            let finished = operations.map { parameters.finishes($0.layers) }
            try planBackward(operations, built, finished, logitGradients)
        }
        try plan.seal()
    }

    /// The operations in reverse, each from the gradient of its output, then what tells that its weights have theirs.
    ///
    /// No gradient has memory of its own: what follows an operation is the last to read its output, and leaves the
    /// gradient in its place. Of an output with two readers, a skip, the pooling comes second and adds.
    private func planBackward(
        _ operations: [NetOperation],
        _ built: [any OneDNNOperation],
        _ finished: [OneDNNPlan.Step],
        _ logitGradients: Buffer
    ) throws(UNetError) {
        for (index, operation) in built.enumerated().reversed() {
            let isHead = index == built.count - 1
            let gradient = isHead ? logitGradients : operation.output.buffer
            let targets = operations[index].inputs.map { built[$0].output.buffer }
            backwardSteps += try operation.backward(from: gradient, into: targets)
            backwardSteps.append(finished[index])
        }
    }

    func forward(training isTraining: Bool) throws(UNetError) {
        try plan.run(prepare)
        try plan.run(isTraining ? training : inference)
    }

    func backward() throws(UNetError) { try plan.run(backwardSteps) }
}
