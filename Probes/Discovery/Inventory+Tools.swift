import DCMI
import Likwid
import Metering
import Quantities
import SlurmEnergy

/// Sources that are other makers' programs: to look at one costs its start.
extension Inventory {
    /// Adds the board's controller.
    mutating func addDCMI(_ selection: SensorSelection) {
        add("dcmi", selection) {
            let survey = DCMISurvey(root: selection.root, path: environment("PATH"))
            return Interface(
                name: "dcmi",
                standing: .coarse,
                cadence: Int64(DCMISurvey.cadence.value * 1e9),
                availability: survey.availability,
                channels: survey.channels,
                notes: survey.notes
            ) { _ in Box(DCMIProbe(survey)) }
        }
    }

    /// Adds likwid's access daemon.
    mutating func addLikwid(_ selection: SensorSelection) {
        add("likwid", selection, isOfTree: false) {
            let survey = LikwidSurvey(path: environment("PATH"))
            return Interface(
                name: "likwid",
                standing: .coarse,
                cadence: Int64(LikwidSurvey.cadence.value * 1e9),
                availability: survey.availability,
                channels: survey.channels
            ) { _ in Box(LikwidProbe(survey)) }
        }
    }

    /// Adds Slurm's own energy of the running step.
    mutating func addSlurmEnergy(_ selection: SensorSelection) {
        add("slurm", selection, isOfTree: false) {
            let survey = SlurmEnergySurvey(
                environment: Dictionary(
                    uniqueKeysWithValues: SlurmEnergySurvey.variables.compactMap { name in
                        environment(name).map { (name, $0) }
                    }
                )
            )
            return Interface(
                name: "slurm",
                standing: .coarse,
                cadence: Int64(survey.cadence.value * 1e9),
                availability: survey.availability,
                channels: survey.channels,
                notes: survey.warnings,
                warnings: survey.warnings
            ) { _ in Box(SlurmEnergyProbe(survey)) }
        }
    }

    /// Adds a coarse source; asks it only where its answer would be read, or everything is to be told.
    ///
    /// - Parameter isOfTree: Whether it is looked for below the selection's root; if not, it speaks of this machine alone.
    private mutating func add(
        _ name: String,
        _ selection: SensorSelection,
        isOfTree: Bool = true,
        _ look: () -> Interface
    ) {
        guard selection.wants(name) else { return }
        let finer = interfaces.first { $0.isReady && $0.channels.contains(where: Self.coversCPU) }
        let isNamed = selection.probes?.contains(name) == true
        if !isOfTree, FileTree(root: selection.root).root != "" {
            interfaces.append(.absent(name, "it tells of this machine, not of the files below \(selection.root)"))
        } else if let finer, !isNamed, !selection.asksAll {
            interfaces.append(
                .absent(name, "not asked, since \(finer.name) covers the processor: --probe \(name) does")
            )
        } else {
            interfaces.append(look())
        }
    }
}

extension Interface {
    fileprivate static func absent(_ name: String, _ reason: String) -> Interface {
        Interface(name: name, standing: .coarse, availability: .absent(reason: reason), channels: []) { _ in
            ProbeBox()
        }
    }
}
