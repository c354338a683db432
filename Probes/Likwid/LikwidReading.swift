import Metering

/// What `likwid-powermeter -s TIME` prints: for each socket and each of its domains the mean power of that time.
struct LikwidReading: Hashable {
    /// One domain of one socket.
    struct Domain: Hashable {
        var socket: UInt64
        /// Whether it is the memory's, not the package's.
        var isMemory: Bool
    }

    /// Hands over the mean power of every package and memory, in mW, in the tool's order.
    ///
    /// Two forms of a domain's line are known, `Domain PKG:` and `Domain: PKG`.
    static func forEach(_ text: Span<UInt8>, _ body: (Domain, _ milliwatts: UInt64) -> Void) {
        var socket: UInt64?
        var domain: Domain?
        var line = 0
        while line < text.count {
            var place = line
            if text.skipBlanks(&place) {
                if text.take("Measure for socket ", &place) {
                    socket = text.number(&place)?.digits
                    domain = nil
                } else if text.take("Domain", &place) {
                    _ = text.take(":", &place)
                    domain = text.skipBlanks(&place) ? socket.flatMap { Self.domain(text, place, $0) } : nil
                } else if let known = domain, text.take("Power consumed:", &place), text.skipBlanks(&place),
                    let watts = text.number(&place), !watts.isNegative, watts.value < 1e6
                {
                    body(known, UInt64((watts.value * 1000).rounded()))
                    domain = nil
                }
            }
            line = text.endOfLine(line) + 1
        }
    }

    private static func domain(_ text: Span<UInt8>, _ start: Int, _ socket: UInt64) -> Domain? {
        var place = start
        if text.take("PKG", &place) { return Domain(socket: socket, isMemory: false) }
        return text.take("DRAM", &place) ? Domain(socket: socket, isMemory: true) : nil
    }
}
