internal import ArgumentParser
internal import UNet

/// How the net learns: loss, step size, changes to the images, and when to stop.
struct LearningOptions: ParsableArguments {
    @Option(help: "dice-bce (soft Dice plus binary cross entropy, the default) or dice.")
    var loss: LossKind?
    @Option(help: "Step size of Adam (default 0.001); in a cyclic schedule the largest.")
    var learningRate: Float?
    @Option(help: "constant (the default) or cyclic: the step size goes up and down in straight lines.")
    var schedule: ScheduleChoice?
    @Option(help: "Smallest step size of a cyclic schedule (default 0.000001).")
    var baseLearningRate: Float?
    @Option(help: "Steps from the smallest to the largest step size (default 3000).")
    var cycleSteps: Int?
    @Option(help: "Factor on the height of the cycles, once a step (default 1).")
    var cycleDecay: Float?
    @Option(help: "Range of black to white at the net's input: unit (0 to 1, the default) or symmetric (-1 to 1).")
    var inputRange: InputRange?
    @Option(
        help: ArgumentHelp(
            "Random changes to training images by commas: flip, rotate, brightness, contrast, gamma, blur, noise; "
                + "none (the default).",
            valueName: "names"
        )
    )
    var augment: String?
    @Option(help: "Largest rotation in degrees, to either side.")
    var rotation: Float = 30
    @Option(help: "Largest change of brightness in parts of white, to either side.")
    var brightness: Float = 0.2
    @Option(help: "Largest change of the contrast's factor of 1, to either side.")
    var contrast: Float = 0.2
    @Option(help: "Largest change of the gamma of 1, to either side.")
    var gamma: Float = 0.2
    @Option(help: "Largest radius of the blur in pixels.")
    var blur = 3
    @Option(help: "Largest standard deviation of the noise in parts of white.")
    var noise: Float = 0.03
    @Option(help: "Stop after so many validations without a better IoU, and keep the best net.")
    var patience: Int?

    /// Fills in what the options say; errors: `.usage`.
    func apply(to options: inout TrainingOptions, preset: Preset?) throws(UNetError) {
        options.loss = loss ?? preset?.loss ?? .diceEntropy
        options.learningRate = learningRate ?? preset?.learningRate ?? 1e-3
        try checkPositive("--learning-rate", options.learningRate)
        guard (schedule ?? preset.map { _ in .cyclic }) == .cyclic else {
            options.schedule = .constant
            guard baseLearningRate == nil, cycleSteps == nil, cycleDecay == nil else {
                throw UNetError(
                    code: .usage,
                    problem: "--base-learning-rate, --cycle-steps and --cycle-decay are of a cyclic schedule.",
                    remedy: "Give --schedule cyclic too, or leave them out."
                )
            }
            return
        }
        var cycle = preset?.cycle ?? LearningRateSchedule.Cycle(base: 1e-6, halfSteps: 3000)
        cycle.base = baseLearningRate ?? cycle.base
        cycle.halfSteps = cycleSteps ?? cycle.halfSteps
        cycle.decay = cycleDecay ?? cycle.decay
        try checkPositive("--base-learning-rate", cycle.base)
        try checkPositive("--cycle-decay", cycle.decay)
        try check("--cycle-steps", cycle.halfSteps, in: 1...1_000_000_000)
        guard cycle.base <= options.learningRate, cycle.decay <= 1 else {
            throw UNetError(
                code: .usage,
                problem: "A cycle from --base-learning-rate \(cycle.base) to --learning-rate \(options.learningRate) "
                    + "with --cycle-decay \(cycle.decay) does not go up and come down.",
                remedy: "Choose a base below the learning rate and a decay of at most 1."
            )
        }
        options.schedule = .cyclic(cycle)
    }

    /// The changes asked for, with the probabilities of the published recipe; errors: `.usage`.
    func augmentation(_ preset: Preset?) throws(UNetError) -> Augmentation {
        var choices = preset?.augmentations ?? []
        if let augment {
            choices = []
            for name in augment.split(separator: ",") where name != "none" {
                guard let choice = AugmentationChoice(rawValue: String(name)) else {
                    throw UNetError(
                        code: .usage,
                        problem: "--augment \(augment) names \(name), which is no augmentation.",
                        remedy: "Use \(AugmentationChoice.allCases.map(\.rawValue).joined(separator: ", ")), or none."
                    )
                }
                choices.append(choice)
            }
        }
        guard (0...180).contains(rotation), (0...1).contains(brightness) else {
            throw UNetError(
                code: .usage,
                problem: "--rotation \(rotation) or --brightness \(brightness) is outside its range.",
                remedy: "Use 0 to 180 degrees and 0 to 1 parts of white."
            )
        }
        guard (0..<1).contains(contrast), (0..<1).contains(gamma), (1...64).contains(blur), (0...1).contains(noise)
        else {
            throw UNetError(
                code: .usage,
                problem: "--contrast \(contrast), --gamma \(gamma), --blur \(blur) or --noise \(noise) is outside its "
                    + "range.",
                remedy: "Use 0 to 1 for contrast and gamma (1 left out) and for noise, and 1 to 64 pixels for the blur."
            )
        }
        var augmentation = Augmentation()
        augmentation.flipProbability = choices.contains(.flip) ? 0.5 : 0
        augmentation.rotationProbability = choices.contains(.rotate) ? 0.75 : 0
        augmentation.brightnessProbability = choices.contains(.brightness) ? 0.75 : 0
        augmentation.contrastProbability = choices.contains(.contrast) ? 0.75 : 0
        augmentation.gammaProbability = choices.contains(.gamma) ? 0.75 : 0
        augmentation.blurProbability = choices.contains(.blur) ? 0.5 : 0
        augmentation.noiseProbability = choices.contains(.noise) ? 0.5 : 0
        augmentation.largestRotation = rotation
        (augmentation.largestContrast, augmentation.largestGamma) = (contrast, gamma)
        (augmentation.largestBlur, augmentation.largestNoise) = (blur, noise)
        augmentation.largestBrightness = brightness
        return augmentation
    }

    private func checkPositive(_ option: String, _ value: Float) throws(UNetError) {
        guard value > 0 && value.isFinite else {
            throw UNetError(
                code: .usage,
                problem: "\(option) \(value) is not a positive number.",
                remedy: "Use 0.001, for example."
            )
        }
    }
}

/// What `--schedule` takes.
enum ScheduleChoice: String, CaseIterable, ExpressibleByArgument {
    case constant, cyclic
}

/// What `--augment` takes.
enum AugmentationChoice: String, CaseIterable {
    case flip, rotate, brightness, contrast, gamma, blur, noise
}
