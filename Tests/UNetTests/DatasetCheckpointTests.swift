import Foundation
import Testing

@testable import UNet

@Suite("Checkpoints")
struct DatasetCheckpointTests {
    private let checkpoint = Checkpoint(
        net: NetConfiguration(filters: 4, depth: 2),
        size: 32,
        tensors: [
            NamedTensor(name: "z.weight", shape: [2, 3], values: [1, -2, 0.5, .leastNonzeroMagnitude, 3e38, -0.0]),
            NamedTensor(name: "a.bias", shape: [2], values: [7, 8]),
            NamedTensor(name: "steps", shape: [], values: [40]),
        ]
    )

    @Test func `what is written reads back in its order`() throws {
        let folder = try DatasetFolder()
        try checkpoint.write(to: "\(folder.path)/net.safetensors")
        let read = try Checkpoint(contentsOf: "\(folder.path)/net.safetensors")
        #expect(read.net == checkpoint.net && read.size == 32)
        #expect(read.tensors.map(\.name) == ["z.weight", "a.bias", "steps"])
        #expect(read.tensors.map(\.shape) == [[2, 3], [2], []])
        #expect(
            read.tensors.map { $0.values.map(\.bitPattern) } == checkpoint.tensors.map { $0.values.map(\.bitPattern) }
        )
        #expect(try folder.names() == ["net.safetensors"])
    }

    @Test func `no prefix of a file passes for the file`() throws {
        let folder = try DatasetFolder()
        let path = "\(folder.path)/net.safetensors"
        try checkpoint.write(to: path)
        let whole = try readFile(path)
        for length in 0..<whole.count {
            try writeFile(path, Array(whole[..<length]))
            let error = try #require(throws: UNetError.self) { try Checkpoint(contentsOf: path) }
            #expect(error.code == .badData && error.problem.contains(path))
        }
    }

    /// Enough to know the net and what it takes, before anything large is read.
    @Test func `the header tells the net without a tensor`() throws {
        let folder = try DatasetFolder()
        let path = "\(folder.path)/net.safetensors"
        try checkpoint.write(to: path)
        let header = try Checkpoint.header(of: path)
        #expect(header.net == checkpoint.net && header.size == checkpoint.size && header.range == checkpoint.range)
        #expect(header.tensors.isEmpty && header.training == nil)
    }

    /// What a header says is read before anything is checked by it.
    @Test(arguments: [(1 << 40, 2, 32), (4, 64, 32), (4, 2, 1 << 40)])
    func `a net that there cannot be is a damaged file`(filters: Int, depth: Int, side: Int) throws {
        let folder = try DatasetFolder()
        let path = "\(folder.path)/net.safetensors"
        var other = checkpoint
        other.net = NetConfiguration(filters: filters, depth: depth)
        other.size = ImageSize(height: side, width: side)
        try other.write(to: path)
        let error = try #require(throws: UNetError.self) { try Checkpoint.header(of: path) }
        #expect(error.code == .badData && error.problem.contains(path))
    }

    @Test func `an error of a net names its file`() {
        let error = UNetError(code: .badData, problem: "The tensor a is missing.", remedy: "Look.")
        #expect(error.of("net").problem == "net: the tensor a is missing.")
        #expect(error.of("net").of("net") == error.of("net"))
    }

    @Test func `a missing file is missing input`() throws {
        let error = try #require(throws: UNetError.self) { try Checkpoint(contentsOf: "/nowhere/net") }
        #expect(error.code == .missingInput)
    }
}
