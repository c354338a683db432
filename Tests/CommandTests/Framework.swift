import Foundation
import Testing

/// `unet_pytorch.py` or `unet_keras.py` with an interpreter that runs it.
struct Framework: Sendable, CustomTestStringConvertible {
    var name: String
    var script: String
    var python: String
    var testDescription: String { name }

    static let scripts = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Scripts").standardizedFileURL.path

    /// The interpreter that a variable names, else that of Scripts/frameworks.
    private static func installed(_ name: String, module: String, variable: String) -> Framework? {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache"
        let python = environment[variable] ?? "\(cache)/wattbook/\(name)/bin/python"
        let library = URL(fileURLWithPath: python).deletingLastPathComponent().appendingPathComponent("../lib").path
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: library)) ?? []
        guard
            versions.contains(where: {
                FileManager.default.fileExists(atPath: "\(library)/\($0)/site-packages/\(module)")
            })
        else { return nil }
        return Framework(name: name, script: "\(scripts)/python/unet_\(name).py", python: python)
    }

    static let pytorch = installed("pytorch", module: "torch", variable: "WATTBOOK_PYTORCH")
    static let keras = installed("keras", module: "tensorflow", variable: "WATTBOOK_KERAS")
    static let all = [pytorch, keras].compactMap(\.self)
    static let absent: Comment = """
        Neither PyTorch nor TensorFlow is installed: run Scripts/frameworks, or name interpreters that have them in \
        WATTBOOK_PYTORCH and WATTBOOK_KERAS.
        """
}

/// A net that all three programs train, small or of the usual size.
struct FrameworkNet: Sendable, CustomTestStringConvertible {
    var name: String
    /// What asks for it.
    var options: [String]
    var parameters: Int
    /// A learning rate that hardly moves a weight.
    var stillness: [String]
    var testDescription: String { name }

    static let unet = FrameworkNet(
        name: "unet",
        options: [],
        parameters: 1_942_289,
        stillness: ["--learning-rate", "1e-9"]
    )
    /// The one published with BAGLS, on rectangles that are changed in every way.
    static let bagls = FrameworkNet(
        name: "bagls",
        options: ["--preset", "bagls", "--filters", "4", "--depth", "2", "--size", "32x16"],
        parameters: 5360,
        stillness: ["--base-learning-rate", "1e-9"]
    )
    static let all = [unet, bagls]
}

/// A scratch folder in which the three programs train on the same set.
struct FrameworkFolder {
    let program: Program
    static let small = ["--size", "32", "--batch", "4", "--threads", "1", "--json", "--quiet"]

    /// Makes a set with frames in colour among its frames.
    init() throws {
        var program = try Program()
        program.environment = ["PYTHONDONTWRITEBYTECODE": "1"]
        self.program = program
        let made = try wattbook([
            "synthesize", "--out", "set", "--count", "40", "--test", "4", "--size", "48", "--area", "0.03", "--quiet",
        ])
        try #require(made.status == 0, "\(made.errors)")
    }

    func clean() { program.clean() }

    /// Runs `wattbook-unet`.
    func wattbook(_ arguments: [String]) throws -> Program.Outcome {
        try program.finish(program.start("wattbook-unet", arguments))
    }

    /// Runs the program of a framework.
    func call(_ framework: Framework, _ arguments: [String]) throws -> Program.Outcome {
        try program.finish(program.start(framework.python, [framework.script] + arguments))
    }

    /// One training step of a net that moves all running statistics, but hardly a weight.
    static func still(_ net: FrameworkNet) -> [String] {
        ["train", "--data", "set", "--steps", "1", "--seed", "5"] + small + net.options + net.stillness
    }

    /// The account of `wattbook-unet` that trains a net for a step into the file `net`, or one of another name.
    @discardableResult
    func trained(_ net: FrameworkNet, into file: String = "net") throws -> [String: Any] {
        let outcome = try wattbook(Self.still(net) + ["--checkpoint", file])
        try #require(outcome.status == 0, "\(outcome.errors)")
        return try outcome.json()
    }

    /// The content of a file of the folder.
    func content(_ name: String) throws -> Data { try Data(contentsOf: program.folder.appendingPathComponent(name)) }
}

/// A number of a document.
func number(_ document: [String: Any], _ key: String) throws -> Double {
    try #require((document[key] as? NSNumber)?.doubleValue, "\(key)")
}
