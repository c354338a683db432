import Foundation
import Testing

@testable import UNet

/// From files to the optimiser: what BAGLS holds has to train.
@Suite struct TrainingDataTests {
    private static let options = {
        var options = TrainingOptions()
        options.net = NetConfiguration(filters: 4, depth: 2)
        (options.batch, options.size, options.threads) = (4, 16, 1)
        return options
    }()

    /// Frames of mixed sizes, one of them in colour, one with an empty mask.
    private func folder() throws -> DatasetFolder {
        let folder = try DatasetFolder()
        for (index, extent) in [(16, 16), (20, 31), (9, 40), (64, 32)].enumerated() {
            try folder.writeFrame("\(index)", width: extent.0, height: extent.1, gray: UInt8(40 * index + 10))
        }
        let colour = (0..<20 * 31).flatMap { index -> [UInt8] in [UInt8(index % 200), 60, 30] }
        try writeFile("\(folder.path)/1.png", encodePNG(colour, width: 20, height: 31, channels: 3))
        let black = GrayImage(width: 9, height: 40, pixels: [UInt8](repeating: 0, count: 360))
        try writeFile("\(folder.path)/2_seg.png", black.png(channels: 3))
        return folder
    }

    @Test(arguments: [EngineKind.onednn, .openblas])
    func mixedSizesColourAndEmptyMasksTrain(engine: EngineKind) throws {
        let folder = try folder()
        var options = Self.options
        options.engine = engine
        let batch = try SampleCache(Dataset(folder.path), size: 16).batch([0, 1, 2, 3], filledTo: 4)
        #expect(batch.images.allSatisfy { (0...1).contains($0) })
        #expect(batch.masks[512..<768].allSatisfy { $0 == 0 } && batch.masks[..<256].contains(1))
        let colours = Set(batch.images[256..<512])
        #expect(colours.count > 20, "colour becomes luminance, not a constant")
        let trainer = try Trainer(options)
        let losses = try (0..<20).map { _ in try trainer.step(images: batch.images, masks: batch.masks) }
        #expect(losses[19] < losses[0], "\(losses)")
        var score = SegmentationScore()
        score.add(
            probabilities: try trainer.predict(images: batch.images),
            masks: batch.masks,
            count: 4,
            pixels: 256
        )
        #expect(score.images == 4 && score.dice?.isFinite == true && score.loss?.isFinite == true)
    }

    @Test func aBatchOfEmptyMasksHasAFiniteGradient() throws {
        let options = Self.options
        let images = SmallBatch(options).images
        let masks = [Float](repeating: 0, count: images.count)
        let (loss, gradients) = try Trainer(options).gradients(images: images, masks: masks)
        #expect(loss.isFinite && gradients.allSatisfy { $0.values.allSatisfy(\.isFinite) })
    }

    @Test func aSmallerSetIsNotWrittenIntoALargerOne() throws {
        let folder = try DatasetFolder()
        try Synthesis(count: 12, size: 32, seed: 1).write(to: folder.path)
        let error = try #require(throws: UNetError.self) {
            try Synthesis(count: 11, size: 32, seed: 1).write(to: folder.path)
        }
        #expect(error.code == .cannotWrite && error.problem.contains("11.png"))
        try Synthesis(count: 12, size: 32, seed: 2).write(to: folder.path)
    }

    @Test func anUnreadableFileIsNoPermission() throws {
        // The superuser may read everything.
        guard geteuid() != 0 else { return }
        let folder = try folder()
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: "\(folder.path)/0.png")
        let set = try Dataset(folder.path)
        let error = try #require(throws: UNetError.self) { try set.sample(0, size: 16) }
        #expect(error.code == .noPermission && error.problem.contains("0.png"))
    }
}
