extension SensorOptions {
    /// The options as they were typed, for a meter that is started elsewhere.
    var arguments: [String] {
        var words: [String] = []
        for (name, isSet) in [("--no-model", noModel), ("--add-model", addsModel), ("--all-gpus", allGPUs)] where isSet
        {
            words.append(name)
        }
        for directory in powerFiles.directories { words += ["--power-files", directory] }
        if let papi { words += ["--papi", papi] }
        if let meterCommand {
            words += ["--meter-command", meterCommand, "--meter-interval", meterInterval.defaultValueDescription]
        }
        // It takes every word up to the next option, of which `--name` and `--interval` stand before.
        return (probes.isEmpty ? [] : ["--probe"] + probes) + words
    }
}
