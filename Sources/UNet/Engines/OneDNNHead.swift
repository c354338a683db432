import COneDNN

/// The 1x1 convolution to one logit a pixel; its gradient is the loss's, in plain f32.
@safe
final class OneDNNHead: OneDNNOperation {
    let output: OneDNNActivation
    let training: [OneDNNPlan.Step]
    var inference: [OneDNNPlan.Step] { training }
    private let name: String
    private let site: OneDNNSite
    private let source: OneDNNActivation
    /// Bias and its gradient: the parameters' own, or memory that stays zero and memory that nobody reads.
    private let bias: UnsafeMutablePointer<Float>
    private let biasGradient: UnsafeMutablePointer<Float>

    /// Leaves plain f32 in `logits`.
    init(
        _ operation: NetOperation,
        hasBias: Bool,
        _ site: OneDNNSite,
        source: OneDNNActivation,
        logits: Buffer
    ) throws(UNetError) {
        (name, self.site, self.source) = (operation.name, site, source)
        output = OneDNNActivation(buffer: logits, channels: 1, size: source.size)
        let none = try site.plan.buffer(bytes: 8)
        unsafe bias = hasBias ? site.parameters.value("\(operation.name).bias") : none.floats
        unsafe biasGradient = hasBias ? site.parameters.gradient("\(operation.name).bias") : none.floats + 1
        let type = site.plan.policy.compute
        let (n, c, plane) = (Int32(site.batch), Int32(source.channels), Int64(source.size.pixels))
        let (w, b) = unsafe (site.parameters.value("\(operation.name).weight"), bias)
        site.plan.record(operation.name, .forward, type: od_f32)
        training = try unsafe site.plan.steps([.reads(source.buffer)]) { p in
            let features = unsafe p[0]
            return {
                unsafe od_head_forward(type, n, c, plane, features, w, b[0], logits.floats)
                return 0
            }
        }
    }

    func backward(from gradient: Buffer, into targets: [Buffer]) throws(UNetError) -> [OneDNNPlan.Step] {
        let type = site.plan.policy.compute
        let (n, c, plane) = (Int32(site.batch), Int32(source.channels), Int64(source.size.pixels))
        let w = unsafe site.parameters.value("\(name).weight")
        let (dw, db) = unsafe (site.parameters.gradient("\(name).weight"), biasGradient)
        site.plan.record(name, .backward, type: od_f32)
        return try unsafe site.plan.steps([.reads(source.buffer), .writes(targets[0])]) { p in
            let (features, target) = unsafe (p[0], p[1])
            return {
                unsafe od_head_backward(type, n, c, plane, features, w, gradient.floats, target, dw, db)
                return 0
            }
        }
    }
}
