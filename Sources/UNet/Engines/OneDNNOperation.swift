import COneDNN

/// What the operations of a net share.
@safe
struct OneDNNSite {
    var plan: OneDNNPlan
    var parameters: NetParameters
    /// Weights as convolutions see them, rounded where the precision rounds them.
    var weights: (String) -> UnsafePointer<Float>
    var batch: Int
    var algorithm: ConvolutionAlgorithm
    /// Whether anything is kept for a backward pass.
    var isTraining: Bool
    /// How often the image is halved in the lowest level.
    var depth: Int
    /// The ranks over which normalisation takes its statistics.
    var synchronised: World?

    /// Memory for what an operation leaves.
    func activation(_ channels: Int, _ size: ImageSize) throws(UNetError) -> OneDNNActivation {
        let buffer = try plan.buffer(bytes: Self.bytes(plan.policy.storage, batch, channels, size))
        return OneDNNActivation(buffer: buffer, channels: channels, size: size)
    }

    /// Bytes of a blocked activation.
    static func bytes(_ type: od_type, _ batch: Int, _ channels: Int, _ size: ImageSize) -> Int {
        Int(od_activation_bytes(type, Int32(batch), Int32(channels), Int32(size.height), Int32(size.width)))
    }
}

/// A blocked activation.
struct OneDNNActivation {
    var buffer: Buffer
    var channels: Int
    var size: ImageSize
}

/// An operation of a net as steps of a plan.
protocol OneDNNOperation {
    /// What it leaves.
    var output: OneDNNActivation { get }
    var training: [OneDNNPlan.Step] { get }
    var inference: [OneDNNPlan.Step] { get }

    /// The gradients of its weights and of its inputs, these into `targets`, from that of its output in `gradient`,
    /// which it may change.
    ///
    /// A target is where the input lies: whatever is read of an input is read before.
    func backward(from gradient: Buffer, into targets: [Buffer]) throws(UNetError) -> [OneDNNPlan.Step]
}
