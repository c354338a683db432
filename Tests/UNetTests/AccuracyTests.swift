import Foundation
import Testing

/// What a precision may cost in IoU, on nets trained to the end of their learning rate on synthetic images.
///
/// For each seed the same first weights and the same order of images are trained in each precision. The difference to
/// fp32 is paired by seed; its one-sided upper bound at 95 % has to stay below the margin (non-inferiority). The
/// release build of the program trains, two seeds at a time.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["WATTBOOK_SLOW"] == "1"))
struct AccuracyTests {
    private static let seeds = 10
    private static let steps = 400
    /// The 95 % quantile of Student's t with `seeds` - 1 degrees of freedom.
    private static let quantile = 1.8331
    private static let margins = [("bf16", 0.01), ("fp16", 0.01), ("int8", 0.02)]

    private let program: String
    private let folder: DatasetFolder

    init() throws {
        program = ProcessInfo.processInfo.environment["WATTBOOK_UNET"] ?? ".build/release/wattbook-unet"
        try #require(
            FileManager.default.isExecutableFile(atPath: program),
            "\(program) is not there: build it with `swift build -c release --product wattbook-unet`."
        )
        folder = try DatasetFolder()
        for (name, count, seed) in [("a", 1600, 101), ("b", 300, 202)] {
            _ = try Self.call(
                program,
                "synthesize --out \(folder.path)/\(name) --count \(count) --size 64 --seed \(seed) --area 0.04"
            )
        }
    }

    /// The JSON document that a call prints.
    private static func call(_ program: String, _ arguments: String) throws -> [String: Any] {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments.split(separator: " ").map(String.init) + ["--json", "--quiet"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(arguments)")
        return try #require(JSONSerialization.jsonObject(with: text) as? [String: Any])
    }

    /// IoU on the frames held back of nets trained from one seed, by precision.
    private static func scores(_ program: String, _ folder: String, seed: Int) throws -> [String: Double] {
        var scores: [String: Double] = [:]
        for precision in ["fp32", "bf16", "fp16"] {
            let net = "\(folder)/\(seed)-\(precision)"
            // The learning rate rises for half of the steps and falls to nothing: what is left of the noise of single
            // batches would hide a precision's part.
            _ = try call(
                program,
                "train --data \(folder)/a --filters 8 --depth 3 --batch 4 --size 64 --steps \(steps) --seed \(seed) "
                    + "--schedule cyclic --cycle-steps \(steps / 2) --learning-rate 0.004 --validation-fraction 0 "
                    + "--precision \(precision) --allow-emulation --threads 1 --checkpoint \(net)"
            )
            let infer = "infer --checkpoint \(net) --data \(folder)/b --batch 20 --threads 1 --allow-emulation"
            scores[precision] = try #require(try call(program, "\(infer) --precision \(precision)")["iou"] as? Double)
            if precision == "fp32" {
                let more = "--precision int8 --calibration \(folder)/a --calibration-images 32"
                scores["int8"] = try #require(try call(program, "\(infer) \(more)")["iou"] as? Double)
            }
        }
        return scores
    }

    @Test func lowerPrecisionsAreNotInferiorToFP32() async throws {
        let (program, path) = (program, folder.path)
        let all = try await withThrowingTaskGroup(of: (Int, [String: Double]).self) { group in
            var results: [Int: [String: Double]] = [:]
            for seed in 1...Self.seeds {
                if seed > 2, let (done, scores) = try await group.next() { results[done] = scores }
                group.addTask { (seed, try Self.scores(program, path, seed: seed)) }
            }
            for try await (done, scores) in group { results[done] = scores }
            return results
        }
        print("| seed | fp32 | bf16 | fp16 | int8 |\n|--:|--:|--:|--:|--:|")
        for (seed, scores) in all.sorted(by: { $0.key < $1.key }) {
            let cells = ["fp32", "bf16", "fp16", "int8"].map { String(format: "%.4f", scores[$0] ?? .nan) }
            print("| \(seed) | \(cells.joined(separator: " | ")) |")
        }
        let exact = try (1...Self.seeds).map { try #require(all[$0]?["fp32"]) }
        let n = Double(Self.seeds)
        let mean = exact.reduce(0, +) / n
        #expect(mean > 0.7, "a net that has learnt nothing loses nothing: \(exact)")
        print("| precision | mean IoU | loss | standard deviation | upper end | margin |\n|---|--:|--:|--:|--:|--:|")
        print(String(format: "| fp32 | %.4f | | | | |", mean))
        for (precision, margin) in Self.margins {
            let losses = try (1...Self.seeds).map { exact[$0 - 1] - (try #require(all[$0]?[precision])) }
            let average = losses.reduce(0, +) / n
            let variance = losses.reduce(0) { $0 + ($1 - average) * ($1 - average) } / (n - 1)
            let bound = average + Self.quantile * (variance / n).squareRoot()
            let cells = [mean - average, average, variance.squareRoot(), bound].map { String(format: "%.4f", $0) }
            print("| \(precision) | \(cells.joined(separator: " | ")) | \(margin) |")
            #expect(bound < margin, "\(precision) loses up to \(bound) IoU: \(losses)")
        }
    }
}
