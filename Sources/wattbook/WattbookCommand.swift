import ArgumentParser
import Experiments
import Glibc
import Metering
import SystemPackage

/// The program: parse, wire, print.
@main
struct WattbookCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wattbook",
        abstract: "Measures what a program costs in joules and CO2e, and what a change saves.",
        discussion: """
            wattbook run -- python train.py       measure one command
            wattbook experiment plan.yaml         run a designed experiment
            wattbook report last -o report        write the report of the last experiment or run
            """,
        version: "0.1.0",
        subcommands: [
            ProbesCommand.self, RunCommand.self, ExperimentCommand.self, ListCommand.self, ShowCommand.self,
            CompareCommand.self, ReportCommand.self, IdleCommand.self, RecoverCommand.self, MergeCommand.self,
            ExportCommand.self, ImportCommand.self, SiteCommand.self, AllocateCommand.self,
        ]
    )

    /// Parses and runs; every failure becomes two sentences and a sysexits code.
    static func main() async {
        StandardStreams.occupyClosed()
        do {
            var command = try parseAsRoot()
            if command is RunCommand || command is ExperimentCommand {
                // They go on without who reads them: what they measure does.
                Signals.ignoreFailingWrites()
            } else {
                signal(SIGPIPE, SIG_DFL)
            }
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error)
        }
        if let failure = StandardStreams.outputFailure { end(failure) }
    }

    private static func end(with error: any Error) -> Never {
        if let interruption = error as? Interruption { end(interruption) }
        if let failure = Failure(from: error) { end(failure) }
        if exitCode(for: error).isSuccess {
            let help = fullMessage(for: error)
            if !help.isEmpty { Terminal(.standardOutput, noColor: true).line(help) }
            if let failure = StandardStreams.outputFailure { end(failure) }
            Glibc.exit(0)
        }
        if let failure = StandardStreams.outputFailure { end(failure) }
        exit(withError: error)
    }

    private static func end(_ failure: Failure) -> Never {
        Terminal(.standardError, noColor: true).line("wattbook: \(failure.text)")
        Glibc.exit(failure.exitCode)
    }

    /// After a key of the terminal the caller is to see a death by its signal, as of any program that stops for it.
    private static func end(_ interruption: Interruption) -> Never {
        Terminal(.standardError, noColor: true).line("wattbook: \(interruption)")
        if interruption.signal.isFromTerminal { Signals.die(of: interruption.signal.number) }
        Glibc.exit(128 + interruption.signal.number)
    }
}
