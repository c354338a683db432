/// The step of a Slurm job that this process runs in, from its environment.
struct SlurmStep: Hashable {
    /// `123.0`, `123.batch`, `123.interactive`.
    var id: String
    /// The nodes of the step.
    var nodes: Int

    /// `nil` outside of a job.
    init?(_ environment: [String: String]) {
        guard let job = environment["SLURM_JOB_ID"], !job.isEmpty, job.allSatisfy(\.isWholeNumber) else { return nil }
        let step: String
        switch environment["SLURM_STEP_ID"] ?? "" {
        // A batch script, whose variables name no step, or the numbers that Slurm gives to steps with names.
        case "", "4294967291": step = "batch"
        case "4294967290": step = "interactive"
        case "4294967292": step = "extern"
        case let number: step = number
        }
        id = job + "." + step
        let count = environment["SLURM_STEP_NUM_NODES"] ?? environment["SLURM_JOB_NUM_NODES"]
        nodes = step == "batch" ? 1 : max(1, count.flatMap { Int($0) } ?? 1)
    }
}
