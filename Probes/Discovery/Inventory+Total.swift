import Metering

extension Inventory {
    /// Leaves in the total only the kind of source that covers the CPU best: sensors, else a recording, else the model.
    ///
    /// A sensor covers the CPU where it reads packages, or the whole platform; then nothing modelled is added. Where
    /// none does, the model makes the total, and a sensor of something else (the memory alone) is shown beside it: added,
    /// it would count the memory twice and mix measured joules with modelled ones.
    mutating func decideTotal() {
        let covering = [Source.sensor, .recording, .model].first { source in
            interfaces.contains { interface in
                interface.isReady && Source(interface) == source && interface.channels.contains(where: Self.coversCPU)
            }
        }
        guard let covering else { return }
        for i in interfaces.indices where interfaces[i].isReady && Source(interfaces[i]) != covering {
            for k in interfaces[i].channels.indices { interfaces[i].channels[k].inTotal = false }
        }
    }

    private static func coversCPU(_ channel: Channel) -> Bool {
        channel.inTotal && (channel.device == .cpu || channel.device == .platform)
    }

    /// What stands behind an interface, best first.
    private enum Source {
        case sensor, recording, model

        init(_ interface: Interface) {
            self =
                switch interface.name {
                case "replay": .recording
                case "model": .model
                default: .sensor
                }
        }
    }
}
