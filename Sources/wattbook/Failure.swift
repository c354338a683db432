import Carbon
import Discovery
import Experiments
import Ledger
import Metering
import Reporting

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

    /// One sentence that names the file, device or value.
    var problem: String
    /// One sentence that says what to do.
    var remedy: String
    var exitCode: Int32

    init(_ code: Code, _ problem: String, remedy: String) {
        self.problem = problem
        self.remedy = remedy
        exitCode = code.rawValue
    }
}
