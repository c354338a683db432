import COneDNN

/// Statistics of one normalisation over all ranks, as steps around oneDNN's primitives.
///
/// oneDNN normalises by statistics that it is given, and its backward pass then takes them for constants. What flows
/// back through mean and variance is taken off afterwards (Ioffe and Szegedy, 2015): with g the gradient behind the ReLU,
/// n = (x - m) / s the normalised value, and N values in all ranks,
///
///     dx = scale / s * (g - sum(g) / N - n sum(g n) / N)
@safe
struct SynchronisedStatistics {
    private let level: OneDNNLevel
    private let world: World
    private let mean: Buffer
    private let variance: Buffer
    /// Gradient that flows through the mean, and through the variance for each unit of deviation.
    private let offset: Buffer
    private let slope: Buffer
    /// Two f64 for each channel, on their way between the ranks.
    private let sums: Buffer

    init(_ level: OneDNNLevel, _ world: World, mean: Buffer, variance: Buffer) throws(UNetError) {
        (self.level, self.world, self.mean, self.variance) = (level, world, mean, variance)
        offset = try level.plan.buffer(bytes: level.channels * 4)
        slope = try level.plan.buffer(bytes: level.channels * 4)
        sums = try level.plan.buffer(bytes: level.channels * 16)
    }

    private var pixels: Int { level.size * level.size }
    private var samples: Double { Double(level.batch * pixels * world.size) }

    /// Mean and biased variance of what all ranks have in `source`: sums and squares travel in fp64.
    func measure(_ source: Buffer) throws(UNetError) -> [OneDNNPlan.Step] {
        let (type, n, channels, pixels) = (level.plan.policy.compute, level.batch, level.channels, pixels)
        let (world, samples, mean, variance, sums) = (world, samples, mean, variance, sums)
        return try unsafe level.plan.steps([.reads(source)]) { p in
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

    /// Takes off `gradient` what flows back through the statistics; the two gradients of this rank stay its own.
    func correct(
        _ source: Buffer,
        _ gradient: Buffer,
        scale: UnsafePointer<Float>,
        scaleGradient: UnsafePointer<Float>,
        shiftGradient: UnsafePointer<Float>
    ) throws(UNetError) -> [OneDNNPlan.Step] {
        let (type, n, channels, pixels) = (level.plan.policy.compute, level.batch, level.channels, pixels)
        let (world, samples) = (world, samples)
        let (mean, variance, offset, slope, buffer) = (mean, variance, offset, slope, sums)
        return try unsafe level.plan.steps([.reads(source), .updates(gradient)]) { p in
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
