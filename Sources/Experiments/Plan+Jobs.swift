public import Ledger

extension Plan {
    /// The plan without what jobs do not take from it: they warm up on their own nodes, and no idle power is measured.
    var ofJobs: Plan {
        var plan = self
        (plan.warmup, plan.idle) = (0, 0)
        return plan
    }

    /// The scripts of the jobs that are left to submit, in their order, with the labels of their runs.
    ///
    /// - Parameters:
    ///   - experiment: The one that would go on; `nil` for a new one.
    ///   - runs: All its runs.
    ///   - ledger: The path beside which jobs keep their files.
    ///   - meter: The full path of `wattbook`.
    ///   - meterOptions: What else its `run` is told.
    public func jobScripts(
        experiment: ExperimentRecord?,
        runs: [RunRecord],
        ledger: String,
        meter: String,
        meterOptions: [String]
    ) -> [(label: String, script: String)] {
        let id = experiment?.id ?? "EXPERIMENT"
        let seed = experiment?.seed ?? self.seed ?? 0
        let course = Course(plan: ofJobs, seed: seed, runs: runs, keepsFailures: true)
        let folder = JobJournal.folder(ledger: ledger, experiment: id)
        return course.open.map { position in
            let script = jobScript(
                course.steps[position],
                name: JobScript.name(id, position, 1),
                folder: "\(folder)/\(position).1",
                warmup: warmup,
                meter: meter,
                meterOptions: meterOptions
            )
            return (script.label, script.text)
        }
    }

    /// The script of one run.
    func jobScript(
        _ step: Step,
        name: String,
        folder: String,
        warmup: Int,
        meter: String,
        meterOptions: [String]
    ) -> JobScript {
        let (command, environment) = command(of: step)
        return JobScript(
            name: name,
            folder: folder,
            label: label(of: step.levels),
            layout: scaling?.layout(of: step.levels) ?? (1, 1, 1),
            batch: scaling?.batch ?? ScalingDesign.Batch(),
            command: command,
            environment: environment,
            warmup: warmup,
            interval: interval,
            meter: meter,
            meterOptions: meterOptions
        )
    }
}
