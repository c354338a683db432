import Foundation
import Testing

@testable import UNet

/// The Python workloads train on the same frames, in the same order, from the same weights: what in Scripts/python needs
/// no framework against its namesakes here.
@Suite("Common ground with Python", .enabled(if: python != nil, "No Python with numpy and Pillow is at hand."))
struct CommonGroundTests {
    private struct Answer: Decodable {
        struct Net: Decodable {
            var layout: [String]
            var parameters: Int
            var weights: [String: [Float]]
        }

        struct Batch: Decodable {
            var images: [Float]
            var masks: [Float]
        }

        var names: [String]
        var training: [Int]
        var validation: [Int]
        var by: String
        var orders: [[Int]]
        var nets: [String: Net]
        var squares: Batch
        var changed: Batch
        var scores: [Double]
        var pictures: [[UInt8]]
        var draws: [UInt64]
        var many: [UInt64]
    }

    private static let pictures = ["gray", "one-bit", "gray-alpha", "palette", "rgb", "rgba", "transparent"]
        .map { fixture("PNG/\($0).png") }

    /// Frames of nine videos of one to four frames, some of other sizes and in colour.
    private func folder() throws -> DatasetFolder {
        let folder = try DatasetFolder()
        let extents = [(16, 16), (20, 31), (9, 40), (64, 32)]
        for index in 0..<22 {
            let extent = extents[index % 4]
            try folder.writeFrame(
                "\(index)",
                width: extent.0,
                height: extent.1,
                gray: UInt8(11 * index),
                video: index == 21 ? nil : "\"v\(index * index % 9)\""
            )
        }
        let colour = (0..<20 * 31).flatMap { index -> [UInt8] in [UInt8(index % 200), UInt8(index % 61), 30] }
        try writeFile("\(folder.path)/1.png", encodePNG(colour, width: 20, height: 31, channels: 3))
        let shades = (0..<9 * 40).map { UInt8($0 % 251) }
        try writeFile("\(folder.path)/2.png", encodePNG(shades, width: 9, height: 40, channels: 1))
        return folder
    }

    private func ask(_ folder: String) throws -> Answer {
        try JSONDecoder().decode(Answer.self, from: said("common_ground.py", [folder] + Self.pictures))
    }

    /// What a script of the fixtures prints.
    private func said(_ script: String, _ arguments: [String]) throws -> Data {
        let process = Process()
        process.executableURL = URL(filePath: try #require(python))
        process.arguments = [fixture(script)] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging([
            "PYTHONPATH": scripts, "PYTHONDONTWRITEBYTECODE": "1",
        ]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return text
    }

    private struct Decoding: Decodable, Equatable {
        var alike: Bool
        var problem: String?
        var status: Int
        var started: Int
        var left: Int
    }

    @Test func aNetBeyondRepairTakesThePlaceOfNoCheckpoint() throws {
        let folder = try DatasetFolder()
        let net = "\(folder.path)/net"
        try writeFile(net, Array("before".utf8))
        #expect(try said("beyond_repair.py", [net]) == Data("False\n".utf8))
        #expect(try Data(contentsOf: URL(filePath: net)) == Data("before".utf8))
    }

    @Test func framesOfOtherProcessesAreTheSame() throws {
        let (good, bad) = (try folder(), try folder())
        try writeFile("\(bad.path)/7.png", Array("no picture".utf8))
        let answer = try JSONDecoder().decode(Decoding.self, from: said("decoding.py", [good.path, bad.path]))
        let problem = "\(bad.path)/7.png is not a PNG file."
        #expect(answer == Decoding(alike: true, problem: problem, status: 65, started: 3, left: 0))
    }

    @Test func framesSplitOrderWeightsAndScoresAreTheSame() throws {
        let folder = try folder()
        let answer = try ask(folder.path)
        let dataset = try Dataset(folder.path)
        #expect(answer.names == dataset.names)
        let split = DatasetSplit(dataset, fraction: 0.3, seed: 7)
        #expect(answer.training == split.training && answer.validation == split.validation)
        #expect(answer.by == split.grouping.rawValue && split.validation.count > 2)
        #expect(answer.orders == (0..<3).map { split.order(epoch: $0, seed: 7) })

        let batch = try SampleCache(dataset, size: 16).batch([0, 1, 2, 3], filledTo: 6)
        #expect(answer.squares.masks == batch.masks)
        #expect(answer.squares.images.count == batch.images.count)
        let farthest = zip(answer.squares.images, batch.images).map { abs($0 - $1) }.max() ?? 1
        #expect(farthest < 1e-6, "images differ by \(farthest)")
        var score = SegmentationScore()
        let probabilities = batch.images.map { ($0 * 1.9).truncatingRemainder(dividingBy: 1) }
        score.add(probabilities: probabilities, masks: batch.masks, count: 6, pixels: 256)
        let scores: [Double] = try [6, #require(score.dice), #require(score.iou), #require(score.loss)]
        #expect(zip(answer.scores, scores).allSatisfy { abs($0 - $1) < 1e-5 }, "\(answer.scores) \(scores)")
    }

    /// Frames of rectangles, each as an epoch changes it.
    @Test func rectanglesAreChangedAlike() throws {
        let folder = try folder()
        let answer = try ask(folder.path)
        let dataset = try Dataset(folder.path)
        var all = Augmentation()
        (all.flipProbability, all.rotationProbability, all.brightnessProbability) = (0.5, 0.75, 0.75)
        (all.contrastProbability, all.gammaProbability) = (0.75, 0.75)
        (all.blurProbability, all.noiseProbability) = (0.5, 0.5)
        let cache = SampleCache(dataset, size: ImageSize(height: 40, width: 24), range: .symmetric)
        let frames = Array(0..<dataset.count)
        var batch = Batch()
        let augmentation = all
        try cache.fill(&batch, frames, to: frames.count) { augmentation.changed($0, seed: 7, epoch: 3, index: $1) }
        #expect(answer.changed.images.count == batch.images.count)
        // A sine or a power that differs in its last bit may take a sample to its neighbour, or round it up.
        let moved = zip(answer.changed.masks, batch.masks).count { $0 != $1 }
        let other = zip(answer.changed.images, batch.images).count { abs($0 - $1) > 1e-6 }
        #expect(moved <= batch.masks.count / 10_000 && other <= batch.images.count / 1000, "\(moved), \(other)")
    }

    @Test(arguments: NetArchitecture.allCases)
    func netsStartFromTheSameWeights(architecture: NetArchitecture) throws {
        let folder = try folder()
        let answer = try #require(try ask(folder.path).nets[architecture.rawValue])
        var options = TrainingOptions()
        options.net = NetConfiguration(filters: 4, depth: 2, architecture: architecture)
        (options.batch, options.size, options.threads, options.seed) = (1, 16, 1, 9)
        let state = try Trainer(options).state
        #expect(answer.layout == state.map(\.name).filter { !$0.contains("running") })
        #expect(answer.weights.count == state.count)
        for tensor in state {
            let other = try #require(answer.weights[tensor.name])
            #expect(other.count == tensor.values.count)
            // Uniform numbers need no library's logarithm.
            let limit: Float = architecture == .bagls ? 0 : 1e-6
            #expect(zip(other, tensor.values).allSatisfy { abs($0 - $1) <= limit }, "\(tensor.name)")
        }
        #expect(answer.parameters == NetConfiguration(architecture: architecture).parameterCount)
    }

    @Test func picturesOfEveryColourTypeReadTheSame() throws {
        let folder = try folder()
        let answer = try ask(folder.path)
        #expect(answer.pictures.count == Self.pictures.count)
        for (path, pixels) in zip(Self.pictures, answer.pictures) {
            let own = try GrayImage(contentsOfPNG: path)
            #expect(own.pixels.count == pixels.count)
            let farthest = zip(own.pixels, pixels).map { abs(Int($0) - Int($1)) }.max() ?? 255
            #expect(farthest <= 1, "\(path) differs by \(farthest)")
        }
    }

    @Test func numbersAreDrawnAlike() throws {
        let folder = try folder()
        let answer = try ask(folder.path)
        let bounds: [UInt64] = [1, 7, 1 << 63 + 1]
        #expect(
            answer.draws
                == bounds.map { bound in
                    var random = Xoshiro256(seed: 3, stream: 5)
                    return random.next(upperBound: bound)
                }
        )
        var random = Xoshiro256(seed: 3, stream: 5)
        #expect(answer.many == (0...700).map { _ in random.next() })
    }
}

private let scripts = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Scripts/python").standardizedFileURL.path

/// An interpreter with numpy and Pillow: one named for a framework, one of Scripts/frameworks, or that of the PATH.
private let python: String? = {
    let environment = ProcessInfo.processInfo.environment
    let cache = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache"
    let named = ["WATTBOOK_PYTORCH", "WATTBOOK_KERAS"].compactMap { environment[$0] }
    let made = ["pytorch", "keras"].map { "\(cache)/wattbook/\($0)/bin/python" }
    let found = (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/python3" }
    return (named + made + found).filter { FileManager.default.isExecutableFile(atPath: $0) }.prefix(4).first { path in
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = ["-c", "import numpy, PIL.Image"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}()
