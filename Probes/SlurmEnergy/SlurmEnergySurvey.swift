public import Metering
public import Quantities
import Tool

/// Whether Slurm tells the energy of the running step, and what its plugin sees.
public struct SlurmEnergySurvey: Sendable {
    /// Whether it can be asked.
    public let availability: Availability
    /// The step, where it can.
    public let channels: [Channel]
    /// What a reader of a run must know, a sentence each.
    public let warnings: [String]
    /// How often it is asked: as often as its plugin reads, from 1 to 30 s.
    public let cadence: Seconds

    let step: String
    let sstat: String
    let sacct: String?

    /// The variables that tell of the step and of Slurm's programs.
    public static let variables = [
        "SLURM_JOB_ID", "SLURM_STEP_ID", "SLURM_STEP_NUM_NODES", "SLURM_JOB_NUM_NODES", "PATH",
    ]

    /// Asks Slurm for its configuration, in a job alone.
    ///
    /// - Parameter environment: The ``variables`` of this process.
    public init(environment: [String: String]) {
        guard let step = SlurmStep(environment) else {
            self.init(.absent(reason: "this is no Slurm job"))
            return
        }
        let path = environment["PATH"]
        guard let sstat = Tool.find("sstat", along: path), let scontrol = Tool.find("scontrol", along: path) else {
            self.init(.absent(reason: "this is a Slurm job, but sstat and scontrol are not both on the PATH"))
            return
        }
        var tool = Tool(scontrol, ["show", "config"], capacity: 65_536)
        let end = tool.run()
        guard end == .exited(0) else {
            self.init(.absent(reason: "`scontrol show config` gives no answer: the controller may not be reached"))
            return
        }
        let configuration = SlurmConfiguration(tool.text)
        guard let plugin = configuration.plugin else {
            self.init(.absent(reason: "Slurm accounts no energy here (AcctGatherEnergyType is none)"))
            return
        }
        // A shell of an allocation is in no step, though its variables name the job.
        var first = Tool(sstat, Self.question(step.id))
        guard first.run() == .exited(0), !first.text.allSatisfy(\.isWhitespace) else {
            self.init(.absent(reason: "sstat tells nothing of the step \(step.id): run within srun or sbatch"))
            return
        }
        let channel = Self.channel(plugin, step, configuration)
        self.init(
            .ready,
            channels: [channel],
            warnings: Self.warnings(plugin, step),
            cadence: min(30, max(1, configuration.period)),
            step: step.id,
            sstat: sstat,
            sacct: Tool.find("sacct", along: path)
        )
    }

    private init(
        _ availability: Availability,
        channels: [Channel] = [],
        warnings: [String] = [],
        cadence: Double = 30,
        step: String = "",
        sstat: String = "",
        sacct: String? = nil
    ) {
        self.availability = availability
        self.channels = channels
        self.warnings = warnings
        self.cadence = Seconds(cadence)
        self.step = step
        self.sstat = sstat
        self.sacct = sacct
    }

    /// The arguments of `sstat` and `sacct`.
    static func question(_ step: String) -> [String] {
        ["-j", step, "-n", "-P", "--format=ConsumedEnergyRaw"]
    }

    /// No node draws more, W: what Slurm tells beyond is a fault of its counters.
    private static let mostOfNode = 100_000.0

    private static func device(_ plugin: String) -> Device {
        switch plugin {
        case "rapl": .cpu
        case "gpu": .gpu
        default: .node
        }
    }

    private static func channel(_ plugin: String, _ step: SlurmStep, _ configuration: SlurmConfiguration) -> Channel {
        Channel(
            name: "slurm/step",
            device: device(plugin),
            domain: plugin,
            kind: .energyCounter(joulesPerCount: 1, range: nil),
            basis: .measured,
            inTotal: true,
            relativeUncertainty: 0.1,
            uncertaintySource: "type B, assumed for the energy that Slurm accounts: 10 %",
            updatePeriod: Seconds(configuration.period),
            maximumPower: Watts(mostOfNode * Double(step.nodes)),
            source: "sstat -j \(step.id)",
            note: "coarse: Slurm's own figure, by its plugin acct_gather_energy/\(plugin), of whole nodes"
                + (plugin == "rapl" ? ": package and memory, not the step's alone" : "")
        )
    }

    private static func warnings(_ plugin: String, _ step: SlurmStep) -> [String] {
        var warnings = ["The energy is Slurm's own figure of whole nodes: other jobs on them are in it."]
        if step.nodes > 1 { warnings.append("It is of all \(step.nodes) nodes of the step \(step.id).") }
        if plugin == "gpu" {
            warnings.append("Slurm's plugin acct_gather_energy/gpu counts GPUs of AMD alone, and no processor.")
        }
        return warnings
    }
}
