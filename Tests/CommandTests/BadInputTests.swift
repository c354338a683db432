import Foundation
import Testing

/// Wrong input: one sentence that names the thing, one that says what to do, the contract's exit code.
@Suite struct BadInputTests {
    private static let plan = """
        name: wrong
        workload:
          command: [sh, -c, "true {precision}"]
        factors: {precision: [fp32, bf16]}
        baseline: {precision: fp32}
        repeats: 2
        """

    /// Words on the command line, and the status that they end with.
    static let wrongCalls: [(String, Int32)] = [
        ("run", 64),
        ("run --interval 0.1ms -- true", 64),
        ("run --frobnicate -- true", 64),
        ("run --zone Atlantis -- true", 65),
        ("run --pue 0.5 -- true", 65),
        ("run --probe tricorder -- true", 64),
        ("run --probe cray -- true", 69),
        ("run --no-model --add-model -- true", 64),
        ("run --papi , -- true", 64),
        ("show nothing", 66),
        ("list --ledger missing.sqlite", 66),
        ("list --ledger text.sqlite", 65),
        ("run --ledger text.sqlite -- true", 65),
        ("run --ledger no/such/folder/l.sqlite -- true", 73),
        ("report nothing -o out", 66),
        ("report -o out --format docx", 64),
        ("experiment missing.yaml", 66),
    ]

    @Test(arguments: wrongCalls)
    func exitCode(words: String, status: Int32) throws {
        let arguments = words.split(separator: " ").map(String.init)
        let program = try Program()
        defer { program.clean() }
        try program.write("this is no ledger\n", to: "text.sqlite")
        _ = try program.wattbook("run", "--quiet", "--", "true")
        let outcome = try program.finish(program.start("wattbook", arguments))
        #expect(outcome.status == status, "\(outcome.errors)")
        #expect(!outcome.errors.isEmpty)
        #expect(try String(contentsOfFile: program.path("text.sqlite"), encoding: .utf8) == "this is no ledger\n")
    }

    /// A piece of the plan, what stands there instead, and the line that the message names.
    static let wrongLines: [(String, String, String)] = [
        ("repeats: 2", "repaets: 2", ":6"),
        ("repeats: 2", "repeats: many", ":6"),
        ("[fp32, bf16]", "[]", ":4"),
        ("{precision: fp32}", "{precision: fp64}", ":5"),
        ("true {precision}", "true {colour}", ":3"),
        ("[sh, -c", "[no-such-program-anywhere, -c", ":3"),
    ]

    @Test(arguments: wrongLines)
    func plan(wrong: String, replacement: String, line: String) throws {
        let program = try Program()
        defer { program.clean() }
        try program.write(Self.plan.replacingOccurrences(of: wrong, with: replacement), to: "plan.yaml")
        let outcome = try program.wattbook("experiment", "plan.yaml")
        #expect(outcome.status == 78, "\(outcome.errors)")
        #expect(outcome.errors.contains("plan.yaml" + line), "\(outcome.errors)")
        let listed = try program.wattbook("list")
        #expect(listed.status == 66 || !listed.output.contains("wrong"), "nothing was started")
    }
}
