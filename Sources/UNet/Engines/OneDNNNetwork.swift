import COneDNN

/// The U-Net over oneDNN: blocked activations throughout, and no reorder of an activation anywhere.
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
        let largest = od_activation_bytes(od_f32, Int32(batch), Int32(net.filters), Int32(size), Int32(size)) / 4
        let plan = try OneDNNPlan(policy, largest: largest, threads: options.threads)
        self.plan = plan
        let pixels = batch * size * size
        let image = try plan.buffer(bytes: pixels * 4)
        unsafe images = image.floats
        unsafe logits = try plan.buffer(bytes: pixels * 4).floats
        unsafe logitGradients = try plan.buffer(bytes: pixels * 4).floats

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
        // Primitives in bf16 round the master weights themselves; for others this copy holds the rounded ones.
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

        // Gradients of each level's activations: one that a block works on, one to spare, one for the skip.
        var levels: [OneDNNLevel] = []
        var skips: [Buffer] = []
        for level in 0...net.depth {
            let (channels, side) = (net.channels(level), size >> level)
            levels.append(
                unsafe OneDNNLevel(
                    plan: plan,
                    parameters: parameters,
                    weights: { unsafe weights($0) },
                    batch: batch,
                    channels: channels,
                    size: side,
                    algorithm: options.algorithm,
                    synchronised: options.parallel?.synchronised,
                    gradient: try plan.activation(batch, channels, side),
                    spare: try plan.activation(batch, channels, side)
                )
            )
            if level < net.depth { skips.append(try plan.activation(batch, channels, side)) }
        }

        var encoders: [OneDNNBlock] = []
        var encoderBackward: [[OneDNNPlan.Step]] = []
        var input = ConvolutionInput(buffer: source, channels: 1, gradient: nil, image: image)
        for level in levels {
            let index = encoders.count
            let block = try OneDNNBlock("encoder.\(index)", level, inputs: [input])
            keep(block, "encoder.\(index)")
            encoders.append(block)
            guard index < net.depth else {
                encoderBackward.append(block.backward)
                break
            }
            let pool = try OneDNNPool("pool.\(index)", level, source: block.output, skipGradient: skips[index])
            training += pool.forward
            inference += pool.forward
            encoderBackward.append(pool.backward + block.backward)
            input = ConvolutionInput(buffer: pool.output, channels: level.channels, gradient: pool.gradient)
        }

        var below = encoders[net.depth].output
        var decoderBackward: [[OneDNNPlan.Step]] = []
        for index in (0..<net.depth).reversed() {
            let level = levels[index]
            let up = try OneDNNUp("up.\(index)", level, source: below, sourceGradient: levels[index + 1].gradient)
            activations["up.\(index)"] = up.output
            training += up.forward
            inference += up.forward
            let block = try OneDNNBlock(
                "decoder.\(index)",
                level,
                inputs: [
                    ConvolutionInput(
                        buffer: encoders[index].output,
                        channels: level.channels,
                        gradient: skips[index]
                    ),
                    ConvolutionInput(buffer: up.output, channels: level.channels, gradient: level.gradient),
                ]
            )
            keep(block, "decoder.\(index)")
            decoderBackward.append(block.backward + up.backward)
            below = block.output
        }

        try addHead(parameters, levels[0], features: below)
        backwardSteps += decoderBackward.reversed().flatMap { $0 }
        backwardSteps += encoderBackward.reversed().flatMap { $0 }
        try plan.seal()
    }

    /// Appends a block's forward steps and keeps its activations by name.
    private func keep(_ block: OneDNNBlock, _ name: String) {
        training += block.training
        inference += block.inference
        activations["\(name).norm1"] = block.middle
        activations["\(name).norm2"] = block.output
    }

    private func addHead(_ parameters: NetParameters, _ level: OneDNNLevel, features: Buffer) throws(UNetError) {
        let (n, c, plane) = (Int32(level.batch), Int32(level.channels), Int64(level.size * level.size))
        let type = plan.policy.compute
        let (w, b) = unsafe (parameters.value("head.weight"), parameters.value("head.bias"))
        let (dw, db) = unsafe (parameters.gradient("head.weight"), parameters.gradient("head.bias"))
        let (out, dout) = unsafe (logits, logitGradients)
        let head = try unsafe plan.steps([.reads(features)]) { p in
            let features = unsafe p[0]
            return {
                unsafe od_head_forward(type, n, c, plane, features, w, b[0], out)
                return 0
            }
        }
        training += head
        inference += head
        backwardSteps = try unsafe plan.steps([.reads(features), .writes(level.gradient)]) { p in
            let (features, gradient) = unsafe (p[0], p[1])
            return {
                unsafe od_head_backward(type, n, c, plane, features, w, dout, gradient, dw, db)
                return 0
            }
        }
        backwardSteps.append(parameters.finishes("head"))
        plan.record("head", .forward, type: od_f32)
        plan.record("head", .backward, type: od_f32)
    }

    func forward(training isTraining: Bool) throws(UNetError) {
        try plan.run(prepare)
        try plan.run(isTraining ? training : inference)
    }

    func backward() throws(UNetError) { try plan.run(backwardSteps) }
}
