import COneDNN

/// The U-Net over oneDNN: blocked activations throughout, and no reorder of an activation anywhere.
@safe
final class OneDNNNetwork: Network {
    let images: UnsafeMutablePointer<Float>
    let logits: UnsafeMutablePointer<Float>
    let logitGradients: UnsafeMutablePointer<Float>
    var implementations: [String] { plan.implementations }
    var usesWinograd: Bool { plan.usesWinograd }

    private let plan: OneDNNPlan
    private var prepare: [OneDNNPlan.Step] = []
    private var training: [OneDNNPlan.Step] = []
    private var inference: [OneDNNPlan.Step] = []
    private var backwardSteps: [OneDNNPlan.Step] = []
    private var rounded: Buffer?

    /// Plans the net; `native` keeps activations in bf16, `rounds` keeps rounded values in f32.
    init(_ options: TrainingOptions, _ parameters: NetParameters, native: Bool, rounds: Bool) throws(UNetError) {
        let (net, batch, size) = (options.net, options.batch, options.size)
        let plan = try OneDNNPlan(type: native ? od_bf16 : od_f32, rounds: rounds, threads: options.threads)
        self.plan = plan
        let algorithm = options.algorithm == .winograd ? od_winograd : od_direct
        let pixels = batch * size * size
        let image = try plan.buffer(bytes: pixels * 4)
        unsafe images = image.floats
        unsafe logits = try plan.buffer(bytes: pixels * 4).floats
        unsafe logitGradients = try plan.buffer(bytes: pixels * 4).floats

        let source = native ? try plan.buffer(bytes: pixels * 2) : image
        if native || rounds {
            prepare.append {
                unsafe od_round_to_bf16(Int64(pixels), image.floats)
                if native {
                    let packed = unsafe source.raw.assumingMemoryBound(to: UInt16.self)
                    unsafe od_pack_bf16(Int64(pixels), image.floats, packed)
                }
                return 0
            }
        }
        if rounds {
            let copy = try plan.buffer(bytes: parameters.count * 4)
            rounded = copy
            prepare.append {
                unsafe copy.floats.update(from: parameters.values.floats, count: parameters.count)
                unsafe od_round_to_bf16(Int64(parameters.count), copy.floats)
                return 0
            }
        }
        let offsets = rounded
        func weights(_ name: String) -> UnsafePointer<Float> {
            let master = unsafe parameters.value(name)
            guard let offsets else { return unsafe UnsafePointer(master) }
            return unsafe UnsafePointer(offsets.floats + (master - parameters.values.floats))
        }

        // Gradients of each level's activations: one that a block works on, one to spare, one for the skip.
        var gradients: [Buffer] = []
        var spares: [Buffer] = []
        var skips: [Buffer] = []
        for level in 0...net.depth {
            gradients.append(try plan.activation(batch, net.channels(level), size >> level))
            spares.append(try plan.activation(batch, net.channels(level), size >> level))
            if level < net.depth { skips.append(try plan.activation(batch, net.channels(level), size >> level)) }
        }

        var encoders: [OneDNNBlock] = []
        var encoderBackward: [[OneDNNPlan.Step]] = []
        var input = ConvolutionInput(buffer: source, channels: 1, gradient: nil, image: image)
        for level in 0...net.depth {
            let side = size >> level
            let block = try unsafe OneDNNBlock(
                "encoder.\(level)",
                plan: plan,
                parameters: parameters,
                weights: { unsafe weights($0) },
                batch: batch,
                inputs: [input],
                channels: net.channels(level),
                size: side,
                algorithm: algorithm,
                gradient: gradients[level],
                spare: spares[level]
            )
            encoders.append(block)
            training += block.training
            inference += block.inference
            encoderBackward.append(block.backward)
            guard level < net.depth else { break }

            let pooled = try plan.activation(batch, net.channels(level), side / 2)
            let pooledGradient = try plan.activation(batch, net.channels(level), side / 2)
            var shape = od_pool(
                n: Int32(batch),
                c: Int32(net.channels(level)),
                h: Int32(side),
                w: Int32(side),
                type: plan.type
            )
            let workspace = try plan.buffer(bytes: Int(unsafe od_pool_workspace(plan.context, &shape)))
            let pool = try unsafe plan.step(
                "pool.\(level) forward",
                od_pool_forward(plan.context, &shape, block.output.raw, pooled.raw, workspace.raw)
            )
            training.append(pool)
            inference.append(pool)
            let (target, skip) = (gradients[level], skips[level])
            let unpool = try unsafe plan.step(
                "pool.\(level) backward",
                od_pool_backward(plan.context, &shape, pooledGradient.raw, workspace.raw, target.raw)
            )
            let (count, type) = (plan.count(target), plan.type)
            let merge: OneDNNPlan.Step = {
                unsafe od_add(type, count, target.raw, skip.raw)
                return 0
            }
            encoderBackward[level] = [unpool, merge] + plan.rounding(target) + encoderBackward[level]
            input = ConvolutionInput(buffer: pooled, channels: net.channels(level), gradient: pooledGradient)
        }

        var below = encoders[net.depth].output
        var decoderBackward: [[OneDNNPlan.Step]] = []
        for level in (0..<net.depth).reversed() {
            let side = size >> level
            let up = try unsafe OneDNNUp(
                level,
                plan: plan,
                parameters: parameters,
                weights: { unsafe weights($0) },
                batch: batch,
                net: net,
                side: side / 2,
                source: below,
                gradient: gradients[level],
                sourceGradient: gradients[level + 1]
            )
            let block = try unsafe OneDNNBlock(
                "decoder.\(level)",
                plan: plan,
                parameters: parameters,
                weights: { unsafe weights($0) },
                batch: batch,
                inputs: [
                    ConvolutionInput(
                        buffer: encoders[level].output,
                        channels: net.channels(level),
                        gradient: skips[level]
                    ),
                    ConvolutionInput(buffer: up.output, channels: net.channels(level), gradient: gradients[level]),
                ],
                channels: net.channels(level),
                size: side,
                algorithm: algorithm,
                gradient: gradients[level],
                spare: spares[level]
            )
            training += up.forward + block.training
            inference += up.forward + block.inference
            decoderBackward.append(block.backward + up.backward)
            below = block.output
        }

        let (n, c, plane, type) = (Int32(batch), Int32(net.filters), Int64(size * size), plan.type)
        let (w, b) = unsafe (parameters.value("head.weight"), parameters.value("head.bias"))
        let (dw, db) = unsafe (parameters.gradient("head.weight"), parameters.gradient("head.bias"))
        let (features, gradient, out, dout) = unsafe (below, gradients[0], logits, logitGradients)
        let head: OneDNNPlan.Step = {
            unsafe od_head_forward(type, n, c, plane, features.raw, w, b[0], out)
            return 0
        }
        training.append(head)
        inference.append(head)
        backwardSteps = [
            {
                unsafe od_head_backward(type, n, c, plane, features.raw, w, dout, gradient.raw, dw, db)
                return 0
            }
        ]
        backwardSteps += plan.rounding(gradients[0])
        backwardSteps += decoderBackward.reversed().flatMap { $0 }
        backwardSteps += encoderBackward.reversed().flatMap { $0 }
        try plan.seal()
    }

    func forward(training isTraining: Bool) throws(UNetError) {
        try plan.run(prepare)
        try plan.run(isTraining ? training : inference)
    }

    func backward() throws(UNetError) { try plan.run(backwardSteps) }
}
