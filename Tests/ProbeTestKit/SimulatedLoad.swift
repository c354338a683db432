/// A load on virtual time: power in straight pieces, with its exact energy.
public struct SimulatedLoad: Sendable {
    private var times: [Double] = []
    private var powers: [(at: Double, after: Double)] = []
    private var energies: [Double] = []
    /// Instants at which the power steps.
    public private(set) var steps: [Double] = []

    /// What a load does; every one is drawn anew, its phase too.
    public enum Shape: String, CaseIterable, Sendable {
        case constant, square, ramp, bursts
    }

    /// A load of this shape from a second before the run to one after it.
    public static func draw(_ shape: Shape, seconds: Double, using random: inout SeededGenerator) -> SimulatedLoad {
        var load = SimulatedLoad()
        let (start, end) = (-2.0, seconds + 2)
        let low = Double.random(in: 15...60, using: &random)
        let high = low + Double.random(in: 40...120, using: &random)
        switch shape {
        case .constant:
            load.add(start, high)
        case .square:
            let period = Double.random(in: 0.8...3, using: &random)
            var time = start + Double.random(in: -period...0, using: &random)
            while time < end {
                load.add(time, high)
                load.add(time + period / 2, low)
                time += period
            }
        case .ramp:
            let middle = Double.random(in: 0...seconds, using: &random)
            load.add(start, low, to: high, until: middle)
            load.add(middle, high, to: low, until: end)
        case .bursts:
            var time = start
            while time < end {
                load.add(time, low)
                time += Double.random(in: 0.1...1, using: &random)
                load.add(time, high)
                time += Double.random(in: 0.05...0.6, using: &random)
            }
        }
        return load
    }

    /// Joules from the first instant up to `time`.
    public func energy(_ time: Double) -> Double {
        var (low, high) = (0, times.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if times[middle] <= time { low = middle } else { high = middle }
        }
        let passed = time - times[low]
        return energies[low] + passed * (powers[low].at + passed * powers[low].after / 2)
    }

    public func energy(_ from: Double, _ to: Double) -> Double { energy(to) - energy(from) }

    private mutating func add(_ time: Double, _ watts: Double, to last: Double? = nil, until end: Double = .infinity) {
        let slope = last.map { ($0 - watts) / (end - time) } ?? 0
        energies.append(times.isEmpty ? 0 : energy(time))
        times.append(time)
        powers.append((watts, slope))
        steps.append(time)
    }
}
