import Analysis
import Carbon
import Configuration
import Discovery
import Experiments
import Ledger
import MeterCommand
import Metering
import PastJobs
import Reporting
import Sites
import SystemPackage

/// An error as its user reads it: what is wrong, what to do, and the exit code that scripts read.
struct Failure: Error {
    /// Exit codes after sysexits.h.
    enum Code: Int32 {
        case usage = 64
        case badData = 65
        case noInput = 66
        case unavailable = 69
        case cannotWrite = 73
        case inputOutput = 74
        case noPermission = 77
        case badConfiguration = 78
    }

    /// The sentences: what is wrong with the file, device or value, and what to do.
    var text: String
    var exitCode: Int32

    init(_ code: Code, _ problem: String, remedy: String) {
        text = problem + " " + remedy
        exitCode = code.rawValue
    }

    /// What an error of any layer means for a user; `nil` for one that is none of ours.
    init?(from error: any Error) {
        switch error {
        case let error as Failure: self = error
        case let error as LedgerError: self.init(error.description, error.code.exitCode)
        case let error as ConfigurationError: self.init(error.description, error.exitCode)
        case let error as RunFailure: self.init(error.description, Code.badConfiguration.rawValue)
        case let error as RescuedRun:
            guard let cause = Failure(from: error.cause) else { return nil }
            self.init("\(cause.text) \(keptSentence(error.rescue))", cause.exitCode)
        case let error as RunFileError: self.init(error.description, Code.cannotWrite.rawValue)
        case let error as UnresolvedWindow: self.init(error.description, Code.badConfiguration.rawValue)
        case let error as SpawnError:
            self.init("\(error) Check its name, its path and its permissions.", error.exitStatus)
        case let error as CarbonError: self.init(error.description, error.exitCode)
        case let error as PastJobError: self.init(error.description, error.exitCode)
        case let error as SiteError: self.init(error.description, error.exitCode)
        case .meter(let error) as DiscoveryError:
            self.init(error.description, (error.reason == .badData ? Code.badData : .unavailable).rawValue)
        case let error as DiscoveryError: self.init(error.description, Code.usage.rawValue)
        case let error as AnalysisError: self.init(error.description, Code.badData.rawValue)
        case let error as ReportError: self.init(error.description, error.exitCode)
        case let error as ProbeError:
            self.init("\(error) See `wattbook probes` for what can be read here.", Code.unavailable.rawValue)
        case let error as Errno:
            self.init(
                "The system refused: \(error). See that $TMPDIR and the working folder can be written.",
                Code.inputOutput.rawValue
            )
        default: return nil
        }
    }

    private init(_ text: String, _ exitCode: Int32) {
        self.text = text
        self.exitCode = exitCode
    }
}

/// Where a run is that its ledger would not take, and how to look at it.
func keptSentence(_ rescue: String) -> String {
    "The whole run is kept in \(rescue): wattbook show last --ledger \(rescue)"
}
