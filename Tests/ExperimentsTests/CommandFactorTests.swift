import Ledger
import Testing

@testable import Experiments

/// Factors whose levels are commands.
@Suite("Commands of a factor")
struct CommandFactorTests {
    private func commands(_ text: String) throws -> [[String]] {
        let plan = try Plan(text: text, path: "plan.yaml", searchPath: "/usr/bin:/bin")
        return plan.arms.map { plan.command(of: Step(role: .measurement, levels: $0, block: 0, seed: 9)).command }
    }

    @Test("replace an item of the command by the words of the level, their places filled")
    func spliced() throws {
        let arms = try commands(
            """
            name: frameworks
            workload:
              command: ["{framework}", train, "{compile}", --seed, "{seed}"]
            parameters: {python: /usr/bin/env}
            factors:
              framework: [swift, pytorch]
              compile: ["off", "on"]
            commands:
              framework:
                swift: [echo]
                pytorch: ["{python}", python3, "two words"]
              compile:
                "off": []
                "on": [--compile]
            baseline: {framework: swift}
            """
        )
        #expect(
            arms == [
                ["echo", "train", "--seed", "9"],
                ["echo", "train", "--compile", "--seed", "9"],
                ["/usr/bin/env", "python3", "two words", "train", "--seed", "9"],
                ["/usr/bin/env", "python3", "two words", "train", "--compile", "--seed", "9"],
            ]
        )
    }

    @Test("serve arms that are listed too")
    func listed() throws {
        let arms = try commands(
            """
            name: frameworks
            workload: {command: ["{framework}", "{precision}"]}
            arms:
              - {framework: swift, precision: fp32}
              - {framework: keras, precision: fp32}
              - {framework: keras, precision: int8}
            commands: {framework: {swift: [echo], keras: [env, echo]}}
            baseline: {framework: swift, precision: fp32}
            """
        )
        #expect(arms == [["echo", "fp32"], ["env", "echo", "fp32"], ["env", "echo", "int8"]])
    }
}
