import ArgumentParser
import Ledger
import Metering

import class Foundation.ProcessInfo

/// Where the ledgers of a job's nodes go.
struct JobOptions: ParsableArguments {
    @Option(
        name: .customLong("job-dir"),
        help: ArgumentHelp(
            "Within a job: the folder that gets one ledger a node and step (default: $WATTBOOK_JOB_DIR, else "
                + "wattbook-JOBID where the job was submitted, for what srun or mpirun started).",
            valueName: "dir"
        )
    )
    var folder: String?

    @Option(
        name: .customLong("owner"),
        help: ArgumentHelp("Give that ledger to this user alone; needs root.", valueName: "uid[:gid]")
    )
    var owner: Owner?

    /// The spool of this run; `nil` where it goes to a ledger as any other.
    ///
    /// A ledger that is named holds the run, unless the folder is named too.
    func spool(_ options: GlobalOptions, host: Host) throws -> Spool? {
        let named = folder ?? environment("WATTBOOK_JOB_DIR")
        let job = Job.read(environment: ProcessInfo.processInfo.environment, root: options.rootPath)
        if folder != nil, job == nil {
            throw Failure(
                .usage,
                "--job-dir names a folder for the ledgers of a job, and this is none.",
                remedy: "Say --ledger, or run within srun, mpirun or a batch script."
            )
        }
        guard let job else { return nil }
        let isLedgerNamed = options.ledger != nil || environment("WATTBOOK_LEDGER") != nil
        guard named != nil || job.isRank && !isLedgerNamed else { return nil }
        let submitted = ["SLURM_SUBMIT_DIR", "PBS_O_WORKDIR", "LS_SUBCWD"].lazy.compactMap { environment($0) }.first
        let target = named ?? (submitted ?? ".") + "/" + job.folder
        return try Spool(job: job, node: job.node ?? host.name, target: target, owner: owner)
    }
}

/// A user and a group as numbers: `1000` or `1000:1000`.
struct Owner: ExpressibleByArgument {
    var user: UInt32
    var group: UInt32?

    /// As it is typed.
    var text: String { "\(user)" + (group.map { ":\($0)" } ?? "") }

    init?(argument: String) {
        let numbers = argument.split(separator: ":", omittingEmptySubsequences: false).map { UInt32($0) }
        guard (1...2).contains(numbers.count), let user = numbers[0] else { return nil }
        self.user = user
        if numbers.count == 2 {
            guard let group = numbers[1] else { return nil }
            self.group = group
        }
    }
}
