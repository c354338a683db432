import ArgumentParser
import Glibc
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
            CompareCommand.self, ReportCommand.self, RecoverCommand.self, MergeCommand.self,
        ]
    )

    /// Parses and runs; every failure becomes two sentences and a sysexits code.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            if let failure = Failure(from: error) { end(failure) }
            exit(withError: error)
        }
    }

    private static func end(_ failure: Failure) -> Never {
        Terminal(.standardError, noColor: true).line("wattbook: \(failure.text)")
        Glibc.exit(failure.exitCode)
    }
}
