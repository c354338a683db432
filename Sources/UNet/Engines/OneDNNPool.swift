import COneDNN

/// 2x2 max pooling as steps of a plan.
@safe
final class OneDNNPool: OneDNNOperation {
    let output: OneDNNActivation
    let training: [OneDNNPlan.Step]
    var inference: [OneDNNPlan.Step] { training }
    private let name: String
    private let site: OneDNNSite
    private let source: OneDNNActivation
    /// Which of its four pixels each result is from.
    private let choices: UnsafeMutablePointer<UInt8>

    init(_ name: String, _ site: OneDNNSite, source: OneDNNActivation) throws(UNetError) {
        (self.name, self.site, self.source) = (name, site, source)
        let (plan, type, size) = (site.plan, site.plan.policy.compute, source.size)
        output = try site.activation(source.channels, size.halved(1))
        let memory = try plan.buffer(bytes: Int(plan.count(output.buffer)))
        let choices = unsafe memory.raw.assumingMemoryBound(to: UInt8.self)
        unsafe self.choices = choices
        let (n, c, h, w) = (Int32(site.batch), Int32(source.channels), Int32(size.height), Int32(size.width))
        plan.record(name, .forward)
        training = try unsafe plan.steps([.reads(source.buffer), .writes(output.buffer)]) { p in
            let (from, to) = unsafe (p[0], p[1])
            return {
                unsafe od_pool(type, n, c, h, w, from, to, choices)
                return 0
            }
        }
    }

    /// Adds to what the other reader of the source, the skip, has left.
    func backward(from gradient: Buffer, into targets: [Buffer]) throws(UNetError) -> [OneDNNPlan.Step] {
        let (type, size, choices) = unsafe (site.plan.policy.compute, source.size, self.choices)
        let (n, c, h, w) = (Int32(site.batch), Int32(source.channels), Int32(size.height), Int32(size.width))
        site.plan.record(name, .backward)
        return try unsafe site.plan.steps([.reads(gradient), .updates(targets[0])]) { p in
            let (from, to) = unsafe (p[0], p[1])
            return {
                unsafe od_pool_backward(type, n, c, h, w, from, choices, to)
                return 0
            }
        }
    }
}
