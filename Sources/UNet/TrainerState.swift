/// What a trainer gives up for a checkpoint, and takes back from one.
extension Trainer {
    /// Every trained tensor and every running statistic.
    public var state: [NamedTensor] { stateViews.map(\.tensor) }

    /// Adam's moments, which a training needs to go on as if it had not stopped.
    public var moments: [NamedTensor] { momentViews.map(\.tensor) }

    /// The state as it is when it is read.
    public var stateViews: [TensorView] {
        var all = views(of: parameters.values)
        for (name, channels, mean, variance) in parameters.running {
            for (suffix, buffer) in [("mean", mean), ("var", variance)] {
                all.append(
                    TensorView("\(name).running_\(suffix)", [channels]) {
                        unsafe Array(UnsafeBufferPointer(start: buffer.floats, count: channels))
                    }
                )
            }
        }
        return all
    }

    /// The moments as they are when they are read.
    public var momentViews: [TensorView] {
        zip(Self.momentNames, [parameters.firstMoment, parameters.secondMoment]).flatMap { prefix, block in
            views(of: block).map { $0.named(prefix) }
        }
    }

    /// Takes over a state of the same net; Adam starts anew.
    ///
    /// - Throws: `.badData` where a tensor is missing or has another shape; then nothing is changed.
    public func load(_ state: [NamedTensor]) throws(UNetError) {
        try take(state, moments: nil, steps: 0)
    }

    /// Takes over a state with Adam's moments after so many steps, and in fp16 the scale of the loss with how many of them
    /// were skipped.
    ///
    /// - Throws: `.badData` where a tensor is missing or has another shape; then nothing is changed.
    public func resume(
        _ state: [NamedTensor],
        moments: [NamedTensor],
        steps: Int,
        lossScale: LossScale? = nil
    ) throws(UNetError) {
        let scale = self.lossScale == nil ? nil : lossScale
        try take(state, moments: moments, steps: steps - (scale?.skippedSteps ?? 0))
        if let scale { self.lossScale = scale }
    }

    /// Whether all weights and running statistics are finite numbers.
    public var isFinite: Bool { parameters.hasFiniteValues && parameters.hasFiniteStatistics }

    func tensors(of block: Buffer) -> [NamedTensor] { views(of: block).map(\.tensor) }

    private func views(of block: Buffer) -> [TensorView] {
        parameters.slots.map { [parameters] slot in
            TensorView(slot.name, slot.shape) { parameters.read(slot, from: block) }
        }
    }

    private static var momentNames: [String] { ["first_moment.", "second_moment."] }

    private func take(_ state: [NamedTensor], moments: [NamedTensor]?, steps: Int) throws(UNetError) {
        // Where each tensor goes; nothing is written before all are found.
        var targets = parameters.slots.map { (name: $0.name, tensor: $0, block: parameters.values) }
        for (name, channels, mean, variance) in parameters.running {
            // Written as a tensor is, from the start of a block of its own.
            let tensor = NetLayout.Tensor(name: name, shape: [channels], role: .shift)
            targets.append(("\(name).running_mean", tensor, mean))
            targets.append(("\(name).running_var", tensor, variance))
        }
        if moments != nil {
            for (prefix, block) in zip(Self.momentNames, [parameters.firstMoment, parameters.secondMoment]) {
                targets += parameters.slots.map { (prefix + $0.name, $0, block) }
            }
        }
        let given = Dictionary((state + (moments ?? [])).map { ($0.name, $0) }) { first, _ in first }
        var sources: [NamedTensor] = []
        for (name, tensor, _) in targets {
            let shape = tensor.shape
            guard let found = given[name], found.shape == shape, found.values.count == shape.reduce(1, *) else {
                let difference = given[name].map { "has the shape \($0.shape)" } ?? "is missing"
                throw UNetError(
                    code: .badData,
                    problem: "The tensor \(name) of shape \(shape) \(difference) in the checkpoint.",
                    remedy: "Give the --filters and --depth that it was trained with."
                )
            }
            sources.append(found)
        }
        for (target, source) in zip(targets, sources) {
            parameters.write(source.values, to: target.tensor, in: target.block)
        }
        parameters.halve()
        // Moments that were never written to are zero, and take no memory yet.
        if moments == nil, adam.step > 0 {
            for block in [parameters.firstMoment, parameters.secondMoment] {
                unsafe block.floats.update(repeating: 0, count: parameters.count)
            }
        }
        adam.step = steps
    }
}
