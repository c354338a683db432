import Foundation
import Testing

/// What the other tests lean on.
@Suite struct ProgramTests {
    @Test("a program that does not end is ended, and its command line named")
    func hangs() throws {
        let program = try Program()
        defer { program.clean() }
        let begin = Date()
        try withKnownIssue {
            let outcome = try program.finish(program.start("/bin/sh", ["-c", "exec sleep 60"]), within: 0.3)
            #expect(outcome.status == 128 + SIGTERM)
        } matching: { issue in
            issue.comments.contains { $0.rawValue.contains("/bin/sh -c exec sleep 60 did not end") }
        }
        #expect(Date().timeIntervalSince(begin) < 30)
    }
}
