import COneDNN

/// Every pixel four times, as steps of a plan; backward adds the four gradients.
final class OneDNNRepetition: OneDNNOperation {
    let output: OneDNNActivation
    let training: [OneDNNPlan.Step]
    var inference: [OneDNNPlan.Step] { training }
    private let name: String
    private let site: OneDNNSite
    private let source: OneDNNActivation

    init(_ name: String, _ site: OneDNNSite, source: OneDNNActivation) throws(UNetError) {
        (self.name, self.site, self.source) = (name, site, source)
        let (type, size) = (site.plan.policy.compute, source.size)
        output = try site.activation(source.channels, size.doubled)
        let (n, c, h, w) = (Int32(site.batch), Int32(source.channels), Int32(size.height), Int32(size.width))
        site.plan.record(name, .forward)
        training = try unsafe site.plan.steps([.reads(source.buffer), .writes(output.buffer)]) { p in
            let (from, to) = unsafe (p[0], p[1])
            return {
                unsafe od_repeat(type, n, c, h, w, from, to)
                return 0
            }
        }
    }

    func backward(from gradient: Buffer, into targets: [Buffer]) throws(UNetError) -> [OneDNNPlan.Step] {
        let (type, size) = (site.plan.policy.compute, source.size)
        let (n, c, h, w) = (Int32(site.batch), Int32(source.channels), Int32(size.height), Int32(size.width))
        site.plan.record(name, .backward)
        return try unsafe site.plan.steps([.reads(gradient), .writes(targets[0])]) { p in
            let (from, to) = unsafe (p[0], p[1])
            return {
                unsafe od_repeat_backward(type, n, c, h, w, from, to)
                return 0
            }
        }
    }
}
