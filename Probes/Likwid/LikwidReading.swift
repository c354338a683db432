import Metering

/// Goes through what `likwid-powermeter -s TIME` prints: for each socket and each of its domains the mean power of that
/// time.
///
/// Two forms of a domain's line are known, `Domain PKG:` and `Domain: PKG`.
struct LikwidReading {
    /// One domain of one socket.
    struct Domain: Hashable {
        var socket: UInt64
        /// Whether it is the memory's, not the package's.
        var isMemory: Bool
    }

    private var line = 0
    private var socket: UInt64?
    private var domain: Domain?

    /// The next package or memory and its mean power in mW; `nil` after the last one.
    mutating func next(in text: Span<UInt8>) -> (domain: Domain, milliwatts: UInt64)? {
        while line < text.count {
            var place = line
            line = text.endOfLine(line) + 1
            guard text.skipBlanks(&place) else { continue }
            if text.take("Measure for socket ", &place) {
                socket = text.number(&place)?.digits
                domain = nil
            } else if text.take("Domain", &place) {
                _ = text.take(":", &place)
                domain = text.skipBlanks(&place) ? Self.domain(text, place, socket) : nil
            } else if let known = domain, text.take("Power consumed:", &place), text.skipBlanks(&place),
                let watts = text.number(&place), !watts.isNegative, watts.value < 1e6
            {
                domain = nil
                return (known, UInt64((watts.value * 1000).rounded()))
            }
        }
        return nil
    }

    private static func domain(_ text: Span<UInt8>, _ start: Int, _ socket: UInt64?) -> Domain? {
        guard let socket else { return nil }
        var place = start
        if text.take("PKG", &place) { return Domain(socket: socket, isMemory: false) }
        return text.take("DRAM", &place) ? Domain(socket: socket, isMemory: true) : nil
    }
}
