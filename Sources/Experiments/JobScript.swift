/// The shell script of one run as a job: what Slurm is asked for, the warm-ups, and the measured step.
///
/// Its folder holds all that it leaves: `output`, the ledgers of the nodes below `ledgers`, and at the end `status`.
struct JobScript {
    /// The name that the queue shows; it tells this run of this experiment from all others.
    var name: String
    /// Full path.
    var folder: String
    var label: String
    var layout: (nodes: Int, ranks: Int, threads: Int)
    var batch: ScalingDesign.Batch
    var command: [String]
    var environment: [String: String]
    var warmup: Int
    /// Nanoseconds.
    var interval: Int64
    /// The meter's program, and what else it is told.
    var meter: String
    var meterOptions: [String]

    /// The name of a submission: no other run, and no other attempt, has it.
    static func name(_ experiment: String, _ position: Int, _ attempt: Int) -> String {
        "wattbook-\(experiment)-\(position).\(attempt)"
    }

    var text: String {
        (["#!/bin/sh"] + directives.map { "#SBATCH " + $0 } + setup + steps).joined(separator: "\n") + "\n"
    }

    private var directives: [String] {
        var lines = ["--job-name=\(name)", "--nodes=\(layout.nodes)", "--ntasks=\(layout.ranks)"]
        if layout.nodes > 1 { lines.append("--ntasks-per-node=\((layout.ranks + layout.nodes - 1) / layout.nodes)") }
        lines.append("--cpus-per-task=\(layout.threads)")
        if batch.isExclusive { lines.append("--exclusive") }
        // Another attempt would leave two measurements in one folder.
        lines.append("--no-requeue")
        for (option, value) in [("partition", batch.partition), ("account", batch.account), ("time", batch.time)] {
            if let value { lines.append("--\(option)=\(value)") }
        }
        return lines + batch.options
    }

    private var setup: [String] {
        ["", "folder=\(quoted(folder))", "echo \"$SLURM_JOB_ID\" > \"$folder/job\""]
            + environment.sorted { $0.key < $1.key }.map { "export \($0.key)=\(quoted($0.value))" } + batch.setup
    }

    private var steps: [String] {
        let srun = (["srun", "--cpus-per-task=\(layout.threads)"] + batch.srun.map(quoted)).joined(separator: " ")
        let program = command.map(quoted).joined(separator: " ")
        let meter = ([meter, "run", "--job-dir"].map(quoted) + ["\"$folder/ledgers\""]).joined(separator: " ")
        let options = (meterOptions + ["--name", label, "--interval", "\(interval / 1_000_000)ms"]).map(quoted)
        return ["", "status=0"]
            + (0..<warmup).map { _ in "[ \"$status\" = 0 ] && { \(srun) \(program) > /dev/null; status=$?; }" }
            + [
                "[ \"$status\" = 0 ] && {",
                "    \(srun) \(meter) \(options.joined(separator: " ")) -- \\",
                "        \(program)",
                "    status=$?",
                "}",
                "", "echo \"$status\" > \"$folder/status.part\" && mv \"$folder/status.part\" \"$folder/status\"",
                "exit \"$status\"",
            ]
    }
}

/// A word as a shell reads it back.
func quoted(_ word: String) -> String {
    let plain =
        !word.isEmpty
        && word.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "/", "=", ":", ",", "+", "@", "%": true
            default: false
            }
        }
    return plain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
}
