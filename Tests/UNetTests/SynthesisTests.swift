import Foundation
import Testing

@testable import UNet

@Suite("Synthetic images")
struct SynthesisTests {
    private func content(_ folder: DatasetFolder) throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try folder.names() { files[name] = try Data(contentsOf: URL(filePath: "\(folder.path)/\(name)")) }
        return files
    }

    @Test func `a seed gives the same files, another seed others`() throws {
        let folders = try (0..<3).map { _ in try DatasetFolder() }
        for (folder, seed) in zip(folders, [4, 4, 5] as [UInt64]) {
            try Synthesis(count: 12, size: 32, seed: seed, area: 0.03).write(to: folder.path)
        }
        let contents = try folders.map(content)
        #expect(contents[0].count == 36)
        #expect(contents[0] == contents[1])
        #expect(contents[0]["3.png"] != contents[2]["3.png"])
    }

    @Test func `the plan has the statistics of BAGLS at every count`() {
        for (count, seed) in [(100, 1), (1000, 2), (3333, 3)] as [(Int, UInt64)] {
            let frames = Synthesis(count: count, size: 64, seed: seed).frames()
            let empty = frames.count { $0.area == 0 }
            let mean = frames.reduce(0) { $0 + Double($1.area) } / Double(count)
            #expect(frames.count == count)
            #expect(empty == Int((Double(count) * 0.07).rounded()))
            #expect(abs(mean - 0.007) < 1e-5)
            #expect(Set(frames.map(\.video)).count >= 10)
        }
    }

    @Test func `the drawn masks keep them`() throws {
        let folder = try DatasetFolder()
        try Synthesis(count: 60, size: 64, seed: 8).write(to: folder.path)
        let set = try Dataset(folder.path)
        var (empty, glottis, tones) = (0, 0, Set<Int>())
        for index in 0..<set.count {
            let sample = try set.sample(index, size: 64)
            let area = sample.mask.pixels.count { $0 == 255 }
            #expect(sample.mask.pixels.allSatisfy { $0 == 0 || $0 == 255 })
            empty += area == 0 ? 1 : 0
            glottis += area
            let values = sample.image.pixels.map(Double.init)
            let mean = values.reduce(0, +) / Double(values.count)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
            #expect(variance.squareRoot() > 8, "a frame without texture")
            tones.insert(Int(mean))
            if area > 25 {
                let inside = zip(values, sample.mask.pixels).filter { $1 == 255 }.map(\.0)
                #expect(inside.reduce(0, +) / Double(inside.count) < mean * 0.8, "the glottis is dark")
            }
        }
        #expect((2...7).contains(empty))
        #expect((0.0055...0.0085).contains(Double(glottis) / Double(60 * 64 * 64)))
        #expect(tones.count > 10)
    }

    @Test func `frames of a video move, videos differ`() throws {
        let folder = try DatasetFolder()
        try Synthesis(count: 20, size: 48, seed: 2, area: 0.03).write(to: folder.path)
        let set = try Dataset(folder.path)
        let videos = set.videos
        #expect(Set(videos).count == 10 && videos[0] == videos[1] && videos[1] != videos[2])
        let masks = try (0..<20).map { try set.sample($0, size: 48).mask }
        #expect(Set(masks).count > 15)
    }

    @Test func `impossible options and folders are refused`() throws {
        let folder = try DatasetFolder()
        for set in [
            Synthesis(count: 0, size: 64, seed: 1), Synthesis(count: 1, size: 4, seed: 1),
            Synthesis(count: 1, size: 64, seed: 1, area: 0.5),
        ] {
            let error = try #require(throws: UNetError.self) { try set.write(to: folder.path) }
            #expect(error.code == .usage)
        }
        try folder.write("file", "")
        let set = Synthesis(count: 1, size: 32, seed: 1)
        let error = try #require(throws: UNetError.self) { try set.write(to: "\(folder.path)/file/set") }
        #expect(error.code == .cannotWrite)
    }

    @Test func `streams are distinct and near normal`() {
        var (a, b) = (Xoshiro256(seed: 1, stream: 0), Xoshiro256(seed: 1, stream: 1))
        #expect(a.next() != b.next())
        let values = (0..<20_000).map { _ in Double(a.normal()) }
        let mean = values.reduce(0, +) / 20_000
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
        #expect(abs(mean) < 0.03 && abs(variance - 1) < 0.05)
    }
}
