import Foundation
import Testing

@testable import UNet

@Suite("Data sets on disk")
struct DatasetTests {
    @Test func `a flat folder and a training folder open alike, numbers in order`() throws {
        let folder = try DatasetFolder()
        for name in ["10", "9", "0", "frame"] {
            try folder.writeFrame(name)
            try folder.writeFrame("tree/training/\(name)")
        }
        #expect(try Dataset(folder.path).names == ["0", "9", "10", "frame"])
        let tree = try Dataset("\(folder.path)/tree")
        #expect(tree.names == ["0", "9", "10", "frame"])
        #expect(tree.folder.hasSuffix("tree/training"))
        #expect(try Dataset("\(folder.path)/tree", part: .test).folder.hasSuffix("tree/training"))
    }

    @Test func `the test part opens where there is one`() throws {
        let folder = try DatasetFolder()
        try folder.writeFrame("training/0")
        try folder.writeFrame("test/5")
        #expect(try Dataset(folder.path).names == ["0"])
        #expect(try Dataset(folder.path, part: .test).names == ["5"])
    }

    @Test func `missing and empty folders are missing input`() throws {
        let folder = try DatasetFolder()
        for path in ["\(folder.path)/none", folder.path] {
            let error = try #require(throws: UNetError.self) { try Dataset(path) }
            #expect(error.code == .missingInput)
            #expect(error.problem.contains(path))
        }
    }

    @Test func `a file without its partner is named`() throws {
        let folder = try DatasetFolder()
        for name in ["0", "1", "2"] { try folder.writeFrame(name) }
        try FileManager.default.removeItem(atPath: "\(folder.path)/1_seg.png")
        let unlabelled = try #require(throws: UNetError.self) { try Dataset(folder.path) }
        #expect(unlabelled.code == .badData && unlabelled.problem.contains("\(folder.path)/1.png"))

        try folder.writeFrame("1")
        try FileManager.default.removeItem(atPath: "\(folder.path)/2.png")
        let orphan = try #require(throws: UNetError.self) { try Dataset(folder.path) }
        #expect(orphan.code == .badData && orphan.problem.contains("\(folder.path)/2_seg.png"))
    }

    @Test func `images without any mask pass for inference alone`() throws {
        let folder = try DatasetFolder()
        try folder.writeFrame("0", width: 10, height: 6)
        try FileManager.default.removeItem(atPath: "\(folder.path)/0_seg.png")
        let set = try Dataset(folder.path, needsMasks: false)
        let sample = try set.sample(0, size: 4)
        #expect(!set.hasMasks && sample.width == 10 && sample.height == 6)
        #expect(throws: UNetError.self) { try Dataset(folder.path) }
    }

    @Test func `mixed sizes become squares, masks stay binary`() throws {
        let folder = try DatasetFolder()
        try folder.writeFrame("0", width: 12, height: 30, gray: 10)
        try folder.writeFrame("1", width: 64, height: 16, gray: 250)
        let batch = try SampleCache(Dataset(folder.path), size: 16).batch([0, 1], filledTo: 2)
        #expect(batch.images.count == 512 && batch.masks.count == 512)
        #expect(abs(batch.images[0] - 10 / 255) < 1e-6 && abs(batch.images[511] - 250 / 255) < 1e-6)
        #expect(batch.masks.reduce(0, +) == 256 && Set(batch.masks) == [0, 1])
        #expect(batch.extents.map { [$0.width, $0.height] } == [[12, 30], [64, 16]])
    }

    @Test func `a mask of another size is named`() throws {
        let folder = try DatasetFolder()
        try folder.writeFrame("3")
        try writeFile("\(folder.path)/3_seg.png", GrayImage(width: 2, height: 1, pixels: [0, 0]).png())
        let set = try Dataset(folder.path)
        let error = try #require(throws: UNetError.self) { try set.sample(0, size: 8) }
        #expect(error.code == .badData && error.problem.contains("3_seg.png") && error.problem.contains("2 x 1"))
    }
}

@Suite("Batches")
struct DatasetBatchTests {
    private func folder(frames: Int) throws -> DatasetFolder {
        let folder = try DatasetFolder()
        for index in 0..<frames { try folder.writeFrame("\(index)", gray: UInt8(index)) }
        return folder
    }

    @Test(arguments: [0, 512 << 20], [1, 8, 64])
    func `batches come in order, with and without a cache, from one thread and from many`(
        limit: Int,
        threads: Int
    ) throws {
        let folder = try folder(frames: 11)
        let order = [7, 3, 0, 10, 1, 2, 9, 4, 5, 8, 6]
        let cache = SampleCache(try Dataset(folder.path), size: 8, limit: limit)
        for _ in 0..<2 {
            let loader = BatchLoader(cache, BatchRequest.groups(of: order, batch: 4), batch: 4, threads: threads)
            var (seen, batch) = ([Int](), Batch())
            while try loader.next(&batch) {
                #expect(batch.images.count == 4 * 64)
                for (position, index) in batch.indices.enumerated() {
                    #expect(abs(batch.images[position * 64] * 255 - Float(index)) < 1e-3)
                }
                seen += batch.indices
            }
            #expect(seen == order)
        }
    }

    @Test func `a short batch is filled up with its own frames`() throws {
        let folder = try folder(frames: 5)
        let cache = SampleCache(try Dataset(folder.path), size: 8)
        let loader = BatchLoader(cache, BatchRequest.groups(of: [4, 2], batch: 4), batch: 4)
        var batch = Batch()
        #expect(try loader.next(&batch))
        #expect(batch.indices == [4, 2] && batch.images.count == 4 * 64)
        #expect(batch.images[0] == batch.images[2 * 64])
        #expect(try !loader.next(&batch))
        #expect(try !loader.next(&batch), "the end stays the end")
        let none = BatchLoader(cache, BatchRequest.groups(of: [], batch: 4), batch: 4)
        #expect(try !none.next(&batch))
    }

    /// Frames of many sizes take their threads differently long.
    @Test func `many threads keep the order of hundreds of batches, and end when nobody asks any more`() throws {
        let folder = try DatasetFolder()
        for index in 0..<8 {
            let side = 8 << (index % 4 * 2)
            try folder.writeFrame("\(index)", width: side, height: side, gray: UInt8(index))
        }
        let cache = SampleCache(try Dataset(folder.path), size: 8, limit: 0)
        let requests = (0..<400).map { BatchRequest(indices: [$0 % 8, ($0 * 5 + 3) % 8]) }
        var (batch, seen) = (Batch(), 0)
        let loader = BatchLoader(cache, requests, batch: 2, threads: 24)
        while try loader.next(&batch) {
            #expect(batch.indices == requests[seen].indices)
            for (position, index) in batch.indices.enumerated() {
                #expect(abs(batch.images[position * 64] * 255 - Float(index)) < 1e-3)
            }
            seen += 1
        }
        #expect(seen == 400)
        for taken in 0..<20 {
            let loader = BatchLoader(cache, requests, batch: 2, threads: 24)
            for place in 0..<taken { #expect(try loader.next(&batch) && batch.indices == requests[place].indices) }
        }
    }

    @Test(arguments: [1, 24])
    func `a damaged frame surfaces at its batch`(threads: Int) throws {
        let folder = try folder(frames: 6)
        try folder.write("4.png", "no picture")
        let loader = BatchLoader(
            SampleCache(try Dataset(folder.path), size: 8),
            BatchRequest.groups(of: [0, 1, 2, 3, 4, 5], batch: 2),
            batch: 2,
            threads: threads
        )
        var batch = Batch()
        #expect(try loader.next(&batch) && batch.indices == [0, 1])
        #expect(try loader.next(&batch) && batch.indices == [2, 3])
        for _ in 0..<2 {
            let error = try #require(throws: UNetError.self) { _ = try loader.next(&batch) }
            #expect(error.problem.contains("4.png"))
        }
    }
}

@Suite("Validation split")
struct DatasetSplitTests {
    @Test func `no video is on both sides`() {
        let videos = (0..<200).map { Optional("v\($0 / 10)") }
        for seed in UInt64(0)..<30 {
            let split = DatasetSplit(videos: videos, fraction: 0.1, seed: seed)
            let held = Set(split.validation.map { videos[$0] })
            #expect(split.training.allSatisfy { !held.contains(videos[$0]) })
            #expect(split.validation.count == 20 && split.training.count == 180)
            #expect(split.grouping == .video)
            #expect(split == DatasetSplit(videos: videos, fraction: 0.1, seed: seed))
        }
        #expect(
            DatasetSplit(videos: videos, fraction: 0.1, seed: 1) != DatasetSplit(videos: videos, fraction: 0.1, seed: 2)
        )
    }

    @Test func `without videos the split is by frame and keeps every frame once`() {
        for videos in [[String?](repeating: nil, count: 37), [String?](repeating: "one", count: 37)] {
            let split = DatasetSplit(videos: videos, fraction: 0.25, seed: 5)
            #expect((split.training + split.validation).sorted() == Array(0..<37))
            #expect(split.validation.count == 9 && split.grouping == .frame)
        }
    }

    @Test func `the video is read from the meta file, text or number`() throws {
        let folder = try DatasetFolder()
        try folder.writeFrame("0", video: "\"A 7\"")
        try folder.writeFrame("1", video: "12")
        try folder.writeFrame("2")
        let set = try Dataset(folder.path)
        #expect(set.videos == ["A 7", "12", nil])
        #expect(VideoID.find(in: Array("{\n \"Video Id\" :\t41 ,\"Color\":true}".utf8)) == "41")
        #expect(VideoID.find(in: Array("{\"Video Id\"".utf8)) == nil)
        #expect(VideoID.find(in: Array("\"Video Id\":".utf8)) == nil)
        #expect(VideoID.find(in: []) == nil)
    }

    @Test func `zero holds nothing back`() throws {
        let folder = try DatasetFolder()
        for index in 0..<4 { try folder.writeFrame("\(index)") }
        let split = DatasetSplit(try Dataset(folder.path), fraction: 0, seed: 1)
        #expect(split.training == [0, 1, 2, 3] && split.validation.isEmpty)
    }

    @Test func `every epoch has an order of its own`() {
        let split = DatasetSplit(videos: (0..<50).map { "\($0)" }, fraction: 0.1, seed: 1)
        let orders = (0..<4).map { split.order(epoch: $0, seed: 9) }
        #expect(Set(orders).count == 4)
        #expect(orders.allSatisfy { $0.sorted() == split.training })
        #expect(split.order(epoch: 2, seed: 9) == orders[2])
    }
}

@Suite("Scores")
struct DatasetScoreTests {
    @Test func `overlap by hand`() throws {
        var score = SegmentationScore()
        // Intersection 1, areas 2 and 3: Dice 2/5, IoU 1/4.
        score.add(probabilities: [0.9, 0.8, 0.1, 0.2, 0], masks: [1, 0, 1, 1, 0], count: 1, pixels: 5)
        #expect(abs(try #require(score.dice) - 0.4) < 1e-12)
        #expect(abs(try #require(score.iou) - 0.25) < 1e-12)
    }

    @Test func `two empty masks agree, one empty mask does not`() throws {
        var both = SegmentationScore()
        both.add(probabilities: [0.5, 0.4], masks: [0, 0], count: 1, pixels: 2)
        #expect(both.iou == 1 && both.dice == 1)
        var one = SegmentationScore()
        one.add(probabilities: [0.6, 0.4], masks: [0, 0], count: 1, pixels: 2)
        #expect(one.iou == 0 && one.dice == 0)
        #expect(SegmentationScore().iou == nil)
    }

    @Test func `the mean is over images, whatever their areas`() throws {
        var score = SegmentationScore()
        score.add(probabilities: [1, 1, 1, 0, 0, 0], masks: [1, 1, 1, 1, 0, 0], count: 2, pixels: 3)
        #expect(score.images == 2)
        #expect(abs(try #require(score.iou) - 0.5) < 1e-12)
        #expect(try #require(score.loss).isFinite)
    }
}
