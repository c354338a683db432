/// The part of the world that a total speaks of.
public enum EnergyScope: String, Sendable, Codable, Hashable {
    /// The sensors that are listed.
    case components
    /// A meter that sees the whole node.
    case node

    /// What the channels of a total see.
    public init(_ channels: some Sequence<Channel>) {
        self = channels.contains { $0.inTotal && $0.device == .node } ? .node : .components
    }
}
