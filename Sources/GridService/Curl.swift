internal import Carbon
internal import Foundation

/// The system's curl, which knows a site's proxies and certificates.
///
/// All that it is told, keys too, goes to its standard input: other users of the machine see the arguments of every
/// process.
struct Curl {
    /// What is asked for.
    struct Request {
        var url: String
        var headers: [String] = []
        /// Name and password for HTTP Basic.
        var user: (name: String, password: String)?
    }

    /// What came back.
    struct Answer {
        var status: Int
        var body: Data
    }

    /// The service, for sentences.
    var service: String
    var path: String
    /// The longest time that a request takes, s.
    var timeout: Double

    /// The curl that stands first on a search path.
    init(service: String, searchPath: String?, timeout: Double) throws(CarbonError) {
        let found = (searchPath ?? "").split(separator: ":").map { "\($0)/curl" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        guard let found else {
            throw CarbonError(
                code: .serviceFailed,
                problem: "There is no curl on the search path, and \(service) is asked through it.",
                remedy: "Install curl, or leave --live out.",
                exitCode: 69
            )
        }
        (self.service, path, self.timeout) = (service, found, timeout)
    }

    /// Sends one GET request; every HTTP status is an answer.
    func get(_ request: Request) throws(CarbonError) -> Answer {
        let (status, output, errors) = try run(try config(request))
        guard status == 0 else {
            let reason = errors.split(separator: "\n").last.map(String.init) ?? "status \(status)"
            throw failure(
                status == 28
                    ? "\(service) did not answer within \(Int(timeout.rounded(.up))) s (\(plain(request.url)))."
                    : "\(service) cannot be reached at \(plain(request.url)): \(reason)."
            )
        }
        // The status that was asked for stands in the last line.
        guard let line = output.lastIndex(of: UInt8(ascii: "\n")),
            let code = Int(String(decoding: output[output.index(after: line)...], as: UTF8.self))
        else { throw failure("curl gave no status for \(plain(request.url)).") }
        return Answer(status: code, body: Data(output[..<line]))
    }

    /// A configuration as `curl -K` reads it.
    private func config(_ request: Request) throws(CarbonError) -> String {
        if !request.headers.isEmpty || request.user != nil, !isPrivate(request.url) {
            throw CarbonError(
                code: .serviceFailed,
                problem:
                    "The address \(plain(request.url)) of \(service) is not encrypted, and a key would be readable.",
                remedy: "Name one that begins with https://.",
                exitCode: 78
            )
        }
        var lines = [
            "url = \(try quoted(request.url))", "silent", "show-error", "globoff", "max-time = \(timeout)",
            "proto = \"=http,https\"", "write-out = \"\\n%{http_code}\"", "header = \"Accept: application/json\"",
        ]
        for header in request.headers { lines.append("header = \(try quoted(header))") }
        if let user = request.user { lines.append("user = \(try quoted("\(user.name):\(user.password)"))") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Whether nobody on the way can read what is sent.
    private func isPrivate(_ url: String) -> Bool {
        url.hasPrefix("https://")
            || ["127.0.0.1", "localhost", "[::1]"].contains { host in
                ["/", ":"].contains { url.hasPrefix("http://\(host)\($0)") }
            }
    }

    private func quoted(_ text: String) throws(CarbonError) -> String {
        guard !text.unicodeScalars.contains(where: { $0.value < 32 }) else {
            throw CarbonError(
                code: .missingKey,
                problem: "A key or address for \(service) holds a line break or another control character.",
                remedy: "Set the environment variable to the key alone.",
                exitCode: 78
            )
        }
        return "\""
            + text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"") + "\""
    }

    private func run(_ config: String) throws(CarbonError) -> (status: Int32, output: Data, errors: String) {
        let process = Process()
        let (input, output, errors) = (Pipe(), Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["-K", "-"]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        do {
            // Before the start, so that a program that reads nothing breaks no pipe; a pipe holds far more than this.
            try input.fileHandleForWriting.write(contentsOf: Data(config.utf8))
            try input.fileHandleForWriting.close()
            try process.run()
            let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
            let words = try errors.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            return (process.terminationStatus, bytes, String(decoding: words, as: UTF8.self))
        } catch {
            throw failure("\(path) cannot be run: \(error.localizedDescription).")
        }
    }

    /// An address without its query.
    private func plain(_ url: String) -> String { url.split(separator: "?").first.map(String.init) ?? url }

    private func failure(_ problem: String) -> CarbonError {
        CarbonError(code: .serviceFailed, problem: problem, remedy: tryAgain, exitCode: 74)
    }
}

/// What to do where a service fails for now.
let tryAgain = "Try again later with wattbook account RUN --live; the joules are kept."
