internal import ArgumentParser
internal import UNet

/// A published configuration, under the name of its data set.
enum Preset: String, CaseIterable, ExpressibleByArgument {
    /// The U-Net published with BAGLS (Gomez et al., Scientific Data 7:186, 2020; notebooks of anki-xyz/bagls).
    case bagls

    var architecture: NetArchitecture { .bagls }
    var filters: Int { 64 }
    var depth: Int { 4 }
    var size: ImageSize { ImageSize(height: 512, width: 256) }
    var batch: Int { 16 }
    var epochs: Int { 25 }
    var seed: UInt64 { 42 }
    var validationFraction: Double { 0.05 }
    var learningRate: Float { 1e-3 }
    var cycle: LearningRateSchedule.Cycle { LearningRateSchedule.Cycle(base: 1e-6, halfSteps: 3000) }
    var loss: LossKind { .dice }
    var range: InputRange { .symmetric }
    var augmentations: [AugmentationChoice] { AugmentationChoice.allCases }

    /// What this program does otherwise than the publication, or what the publication leaves open.
    var warning: String {
        "--preset bagls is the published net and recipe but for this: whole videos are held back rather than frames, "
            + "images are resized rather than padded, batch normalisation has PyTorch's constants, and how far contrast, "
            + "gamma, blur and noise go was not published: give --contrast, --gamma, --blur and --noise."
    }
}
