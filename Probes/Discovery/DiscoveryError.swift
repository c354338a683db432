public import MeterCommand

/// Why no inventory could be made.
public enum DiscoveryError: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is no probe of that name, and those that there are.
    case unknownProbe(name: String, known: [String])
    /// The meter that the user named gives no reading.
    case meter(MeterCommandError)

    /// One sentence, and one on what to do.
    public var description: String {
        switch self {
        case .unknownProbe(let name, let known):
            "There is no probe named \(name). Choose from: \(known.joined(separator: ", "))."
        case .meter(let error): error.description
        }
    }
}
