import Foundation
import Testing

/// What goes wrong in the middle of a training, or with the net of one that went wrong.
@Suite("wattbook-unet, faults")
struct UNetFaultTests {
    private let folder: CommandFolder
    private let data: String

    init() throws {
        folder = try CommandFolder()
        data = "\(folder.path)/set"
        let made = try UNetCommand(
            ["synthesize", "--out", data, "--count", "12", "--size", "32", "--area", "0.03", "--quiet"]
        )
        try #require(made.status == 0, "\(made.errors)")
    }

    private func path(_ name: String) -> String { "\(folder.path)/\(name)" }

    private func train(_ more: [String]) throws -> UNetCommand {
        let small = ["--filters", "2", "--depth", "2", "--size", "16", "--batch", "2", "--threads", "1"]
        return try UNetCommand(["train", "--data", data] + small + ["--json", "--quiet"] + more)
    }

    private func infer(_ net: String, _ more: [String]) throws -> UNetCommand {
        try UNetCommand(["infer", "--checkpoint", net, "--data", data, "--threads", "1", "--json", "--quiet"] + more)
    }

    private func expect(
        _ call: UNetCommand,
        status: Int32,
        naming culprit: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(call.status == status, "\(call.errors)", sourceLocation: sourceLocation)
        #expect(call.errorLines.count == 2, "\(call.errors)", sourceLocation: sourceLocation)
        #expect(call.errorLines.first?.contains(culprit) == true, "\(call.errors)", sourceLocation: sourceLocation)
    }

    /// Puts `words` in the place of as many bytes of a file's header.
    private func replace(_ old: String, by new: String, in file: String) throws {
        var bytes = try Data(contentsOf: URL(filePath: file))
        let place = try #require(bytes.range(of: Data(old.utf8)))
        try #require(old.utf8.count == new.utf8.count)
        bytes.replaceSubrange(place, with: Data(new.utf8))
        try bytes.write(to: URL(filePath: file))
    }

    /// The first weight of a net becomes no number.
    private func spoil(_ net: String) throws {
        var bytes = try Data(contentsOf: URL(filePath: net))
        let start = 8 + bytes[..<8].enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
        bytes.replaceSubrange(start..<start + 4, with: [0, 0, 0xC0, 0x7F])
        try bytes.write(to: URL(filePath: net))
    }

    /// A step that fp16 skips has used up its batch: there are as many steps as batches, and going on finds the next one.
    @Test func `steps that fp16 skips are steps, in one course and in two`() throws {
        let fp16 = ["--precision", "fp16"]
        try #require(try train(fp16 + ["--steps", "2", "--checkpoint", path("start")]).status == 0)
        try replace("\"loss_scale\":\"65536.0\"", by: "\"loss_scale\":\"1.00e12\"", in: path("start"))
        func go(_ from: String, _ to: String, steps: Int) throws -> [String: Any] {
            try train(
                fp16 + ["--steps", "\(steps)", "--resume", path(from), "--checkpoint", path(to)]
            ).json()
        }
        let whole = try go("start", "whole", steps: 40)
        let skipped = try #require(whole["skipped_steps"] as? Int)
        #expect(skipped > 5 && skipped < 38 && whole["steps"] as? Int == 38)
        #expect((whole["epochs"] as? [[String: Any]])?.count == 8)
        _ = try go("start", "half", steps: 15)
        #expect(try go("half", "rest", steps: 40)["skipped_steps"] as? Int == skipped)
        #expect(FileManager.default.contentsEqual(atPath: path("whole"), andPath: path("rest")))
    }

    @Test func `scores that are no numbers leave the account and the status of a loss that is none`() throws {
        let call = try train(["--batch", "8", "--epochs", "9", "--learning-rate", "1e38", "--checkpoint", path("net")])
        expect(call, status: 65, naming: "step 2")
        let epochs = try #require(try call.json()["epochs"] as? [[String: Any]])
        #expect(epochs.first?["validation_loss"] is NSNull)
    }

    @Test func `a net that is beyond repair takes the place of no checkpoint`() throws {
        let net = path("net")
        try #require(try train(["--batch", "8", "--steps", "1", "--checkpoint", net]).status == 0)
        let before = try Data(contentsOf: URL(filePath: net))
        let call = try train([
            "--batch", "8", "--epochs", "9", "--learning-rate", "1e38", "--resume", net, "--checkpoint", net,
            "--checkpoint-every", "1",
        ])
        #expect(call.status == 65, "\(call.errors)")
        #expect(try Data(contentsOf: URL(filePath: net)) == before)
    }

    @Test(arguments: ["fp32", "int8"])
    func `a net that is beyond repair predicts nothing`(precision: String) throws {
        try #require(try train(["--steps", "1", "--checkpoint", path("net")]).status == 0)
        try spoil(path("net"))
        let call = try infer(path("net"), ["--precision", precision, "--out", path("masks")])
        expect(call, status: 65, naming: path("net"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: path("masks")).isEmpty)
    }

    @Test func `predictions do not take the place of the masks that they are scored by`() throws {
        try #require(try train(["--steps", "1", "--checkpoint", path("net")]).status == 0)
        let link = path("link")
        let set = "\(data)/training"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: set)
        for out in [set, link, "\(set)/."] {
            expect(try infer(path("net"), ["--data", set, "--out", out]), status: 64, naming: "--out \(out)")
        }
    }

    /// The pause falls into an epoch, whose first part is scored and is no candidate.
    @Test func `a best net is the same whether its training paused or not`() throws {
        let options = ["--patience", "9", "--learning-rate", "0.01"]
        try #require(try train(options + ["--steps", "15", "--checkpoint", path("whole")]).status == 0)
        for (index, steps) in [2, 7, 13, 15].enumerated() {
            let from = index == 0 ? [] : ["--resume", path("\(index - 1)")]
            let call = try train(options + from + ["--steps", "\(steps)", "--checkpoint", path("\(index)")])
            try #require(call.status == 0, "\(call.errors)")
        }
        #expect(FileManager.default.contentsEqual(atPath: path("whole"), andPath: path("3")))
    }

    @Test func `describe holds to a memory limit and warns of threads`() throws {
        let limit = try UNetCommand(["describe", "--threads", "1", "--memory-limit", "1MiB"])
        expect(limit, status: 69, naming: "1 MiB")
        let threads = ProcessInfo.processInfo.processorCount + 3
        let call = try UNetCommand(
            ["describe", "--filters", "2", "--depth", "2", "--size", "16", "--threads", "\(threads)", "--json"],
            threads: threads
        )
        #expect(call.status == 0 && call.errors.contains("\(threads) threads share"))
    }

    @Test func `what plays no part is said`() throws {
        let blas = ["--engine", "openblas", "--algorithm", "fastest"]
        let call = try train(blas + ["--steps", "1", "--checkpoint", path("net")])
        let document = try call.json()
        #expect(document["algorithm"] as? String == "direct")
        #expect((document["warnings"] as? [String])?.contains { $0.contains("--algorithm fastest") } == true)
        let warnings = try infer(path("net"), ["--calibration", "/nowhere"]).json()["warnings"] as? [String]
        #expect(warnings?.contains { $0.contains("--calibration /nowhere") } == true)
        let range = try train(["--steps", "2", "--resume", path("net"), "--input-range", "symmetric"])
        expect(range, status: 64, naming: "--input-range unit")
    }
}
