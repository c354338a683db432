/// Mean power of one channel of joules in each of some windows.
public struct ChannelPower: Sendable {
    /// The channel.
    public var channel: Channel
    /// Watts in each window; `nil` where its readings make no statement.
    public var watts: [Double?]
}

/// Mean power of every channel of joules that can be read, in each of `windows`, nanoseconds of the traces' clock.
public func channelPowers(traces: [Trace], windows: [Range<Int64>]) -> [ChannelPower] {
    let instants = instants(of: windows.filter { !$0.isEmpty })
    return joined(traces).flatMap { trace in
        let nominal = trace.nominalInterval
        return trace.channels.indices.filter { !trace.channels[$0].countsEvents }.compactMap { index -> ChannelPower? in
            let curve = EnergyCurve.make(trace, index, nominal: nominal, at: instants)
            guard curve.isUsable else { return nil }
            let watts = windows.map { window -> Double? in
                guard !window.isEmpty, let energy = curve.energy(in: [window]) else { return nil }
                return energy.joules / (Double(window.upperBound - window.lowerBound) * 1e-9)
            }
            return ChannelPower(channel: trace.channels[index], watts: watts)
        }
    }
}
