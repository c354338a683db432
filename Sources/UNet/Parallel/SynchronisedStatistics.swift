import COneDNN

/// Statistics of one normalisation over all ranks, as steps around its passes.
///
/// These normalise by statistics that they are given, and the backward one then takes them for constants. What flows
/// back through mean and variance is taken off afterwards (Ioffe and Szegedy, 2015): with g the gradient behind the ReLU,
/// n = (x - m) / s the normalised value, and N values in all ranks,
///
///     dx = scale / s * (g - sum(g) / N - n sum(g n) / N)
@safe
struct SynchronisedStatistics {
    private let site: OneDNNSite
    private let world: World
    /// What is normalised.
    private let source: OneDNNActivation
    private let mean: Buffer
    private let variance: Buffer
    /// Gradient that flows through the mean, and through the variance for each unit of deviation.
    private let offset: Buffer
    private let slope: Buffer
    /// Two f64 for each channel, on their way between the ranks.
    private let sums: Buffer

    init(
        _ site: OneDNNSite,
        _ world: World,
        of source: OneDNNActivation,
        mean: Buffer,
        variance: Buffer
    ) throws(UNetError) {
        (self.site, self.world, self.source, self.mean, self.variance) = (site, world, source, mean, variance)
        offset = try site.plan.buffer(bytes: source.channels * 4)
        slope = try site.plan.buffer(bytes: source.channels * 4)
        sums = try site.plan.buffer(bytes: source.channels * 16)
    }

    private var samples: Double { Double(site.batch * source.size.pixels * world.size) }

    /// Mean and biased variance of what all ranks have in the source: sums and squares travel in fp64.
    func measure() throws(UNetError) -> [OneDNNPlan.Step] {
        let (type, n, channels, pixels) = (site.plan.policy.compute, site.batch, source.channels, source.size.pixels)
        let (world, samples, mean, variance, sums) = (world, samples, mean, variance, sums)
        return try unsafe site.plan.steps([.reads(source.buffer)]) { p in
            let data = unsafe p[0]
            return {
                let moments = unsafe sums.raw.assumingMemoryBound(to: Double.self)
                let squares = unsafe moments + channels
                unsafe od_channel_moments(type, Int32(n), Int32(channels), Int64(pixels), data, moments, squares)
                unsafe world.sum(moments, count: 2 * channels)
                for channel in 0..<channels {
                    let centre = unsafe moments[channel] / samples
                    unsafe mean.floats[channel] = Float(centre)
                    let spread = unsafe squares[channel] / samples - centre * centre
                    unsafe variance.floats[channel] = Float(max(spread, 0))
                }
                return 0
            }
        }
    }

    /// Takes off `gradient` what flows back through the statistics of `name`; the gradients of this rank's scale and
    /// shift stay its own.
    func correct(
        _ gradient: Buffer,
        _ name: String,
        _ parameters: NetParameters
    ) throws(UNetError) -> [OneDNNPlan.Step] {
        let scale = unsafe parameters.value("\(name).weight")
        let scaleGradient = unsafe parameters.gradient("\(name).weight")
        let shiftGradient = unsafe parameters.gradient("\(name).bias")
        let (type, n, channels, pixels) = (site.plan.policy.compute, site.batch, source.channels, source.size.pixels)
        let (world, samples) = (world, samples)
        let (mean, variance, offset, slope, buffer) = (mean, variance, offset, slope, sums)
        return try unsafe site.plan.steps([.reads(source.buffer), .updates(gradient)]) { p in
            let (data, diff) = unsafe (p[0], p[1])
            return {
                let sums = unsafe buffer.raw.assumingMemoryBound(to: Double.self)
                for channel in 0..<channels {
                    unsafe sums[channel] = Double(shiftGradient[channel])
                    unsafe sums[channels + channel] = Double(scaleGradient[channel])
                }
                unsafe world.sum(sums, count: 2 * channels)
                for channel in 0..<channels {
                    let spread = Double(unsafe variance.floats[channel] + Normalization.epsilon).squareRoot()
                    let factor = Double(unsafe scale[channel]) / (spread * samples)
                    unsafe offset.floats[channel] = Float(factor * sums[channel])
                    unsafe slope.floats[channel] = Float(factor * sums[channels + channel] / spread)
                }
                unsafe od_subtract_flow(
                    type,
                    Int32(n),
                    Int32(channels),
                    Int64(pixels),
                    data,
                    mean.floats,
                    offset.floats,
                    slope.floats,
                    diff
                )
                return 0
            }
        }
    }
}
