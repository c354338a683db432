internal import Ledger
internal import Metering
internal import Quantities
internal import Sites

extension Application {
    /// What a reader must know before believing the figures: where they go beyond what was measured.
    static func limits(of application: Application) -> [String] {
        var limits: [String] = []
        let node = application.factors.node
        for line in application.lines {
            let name = "“\(line.line.name)” (\(line.evidence.mark))"
            let runs = line.evidence.runs
            if let run = runs.first(where: { !$0.fits(node) }) {
                limits.append(
                    "\(name) was measured on \(run.machine), and the request is for nodes of the type \(node.name) "
                        + "(\(node.words)): "
                        + (line.line.timeFactor == nil
                            ? "its time and energy are taken over unchanged, and were not measured there."
                            : "they were not measured there; the factors that are given carry its figures over.")
                )
            }
            if line.nodes >= 10 * line.evidence.nodes {
                limits.append(
                    "\(name) asks for \(line.nodes) nodes a job, and \(line.evidence.nodes) at most were measured: that far "
                        + "nothing shows how the program scales."
                )
            }
            for model in line.models { limits.append("\(name) is extrapolated: \(model).") }
            if let run = runs.first(where: { $0.joules != nil && !$0.seesAllNodes }) {
                limits.append(
                    "The sensors of \(name) saw one of \(run.nodes) nodes: the others are taken to draw the same."
                )
            }
            let unknown = runs.count { $0.joules == nil }
            if unknown > 0, unknown < runs.count {
                limits.append("The energy of \(name) is known of \(runs.count - unknown) of its \(runs.count) runs.")
            }
            if runs.count == 1 {
                limits.append("\(name) rests on one run: there is no interval, and its spread is not known.")
            }
            if let basis = runs.compactMap({ $0.end?.account.total }).first(where: {
                $0.joules != nil && $0.basis != .measured
            })?.basis {
                limits.append("The energy of \(name) is \(basis.rawValue), and not read from a sensor alone.")
            }
            if line.evidence.isImported {
                limits.append(
                    "The energy of \(name) is Slurm's own counter, of whole nodes: it is the jobs' only where the nodes were theirs."
                )
            }
            if line.job.energy == nil {
                limits.append("Of \(name) no energy is known: there are no kWh and no CO2e of it.")
            }
        }
        if application.site == nil {
            limits.append(
                "No site is named: energy is that of the sensors, without a PUE, a grid and a unit of account."
            )
        } else if application.factors.units == nil {
            limits.append("The centre's own unit of account is not known for these nodes: hours are given as they are.")
        }
        for gap in application.site?.gaps ?? [] { limits.append("Of the site's profile: \(gap)") }
        return limits
    }
}

extension NodeType {
    /// As `128 cores, 4 GPUs`.
    var words: String {
        [cores.map { "\($0) cores" }, gpus > 0 ? "\(gpus) GPUs" : nil].compactMap(\.self).joined(separator: ", ")
    }
}

extension RunRecord {
    /// Whether its machine looks like a node of a type; processors may be threads, two of a core.
    func fits(_ node: NodeType) -> Bool {
        let cores = start.host.cores
        let isSameCPU = node.cores.map { cores == $0 || cores == 2 * $0 } ?? (node.gpus > 0)
        return isSameCPU && gpusPerNode == node.gpus
    }

    /// As `node7 (AMD EPYC 7742, 128 processors)`.
    var machine: String {
        let host = start.host
        let gpus = gpusPerNode > 0 ? "\(gpusPerNode) GPUs" : nil
        let parts = [host.cpu.isEmpty ? nil : host.cpu, "\(host.cores) processors", gpus].compactMap(\.self)
        return "\(host.name) (\(parts.joined(separator: ", ")))"
    }
}
