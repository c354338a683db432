internal import ArgumentParser
internal import UNet

/// A published configuration, under the name of its data set.
enum Preset: String, CaseIterable, ExpressibleByArgument {
    /// The U-Net published with BAGLS (Gomez et al., Scientific Data 7:186, 2020; notebooks of anki-xyz/bagls).
    case bagls

    var filters: Int { 64 }
    var depth: Int { 4 }
    var batch: Int { 16 }
    var epochs: Int { 25 }
    var seed: UInt64 { 42 }
    var validationFraction: Double { 0.05 }
    var learningRate: Float { 1e-3 }
    var cycle: LearningRateSchedule.Cycle { LearningRateSchedule.Cycle(base: 1e-6, halfSteps: 3000) }
    var loss: LossKind { .dice }
    var range: InputRange { .symmetric }
    var augmentations: [AugmentationChoice] { AugmentationChoice.allCases }

    /// What this program does otherwise than the publication.
    var warning: String {
        "--preset bagls trains the published recipe on this program's net, which takes square images, upsamples by "
            + "transposed convolutions and has two convolutions at every level, where the published one has 512 x 256 "
            + "pixels, repeated pixels and a single convolution in its lowest level; it leaves out the published "
            + "changes of contrast and gamma, blur and noise, and it holds back whole videos."
    }
}
