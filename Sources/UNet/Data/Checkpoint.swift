internal import Foundation
internal import SystemPackage

/// A trained net on disk in the safetensors format: named fp32 tensors and the shape of the net.
///
/// Layout: 8 bytes little-endian length of a JSON header, the header, then the tensors end to end, as
/// huggingface/safetensors documents it. PyTorch reads it with `safetensors.torch.load_file`. Tensors that only a
/// training needs to go on have names that begin with `training.`.
public struct Checkpoint: Sendable {
    /// The net that the tensors belong to.
    public var net: NetConfiguration
    /// Extent of the images that it was trained on.
    public var size: ImageSize
    /// Values that it was shown for black and white.
    public var range: InputRange
    /// Weights and running statistics.
    public var tensors: [NamedTensor]
    /// Where the training stood; nil for a net that cannot be trained on.
    public var training: TrainingPoint?

    /// A checkpoint of the given tensors.
    public init(
        net: NetConfiguration,
        size: ImageSize,
        range: InputRange = .unit,
        tensors: [NamedTensor],
        training: TrainingPoint? = nil
    ) {
        self.net = net
        self.size = size
        self.range = range
        self.tensors = tensors
        self.training = training
    }

    /// Writes the checkpoint whole or not at all; errors: `.cannotWrite`.
    public func write(to path: String) throws(UNetError) {
        let (moments, last) = (training?.moments ?? [], training?.net ?? [])
        try write(to: path, tensors.map(TensorView.init), moments.map(TensorView.init), last: last.map(TensorView.init))
    }

    /// The same with tensors that are elsewhere, one after the other; `last` is the net as a training left it, where that is
    /// another.
    public func write(
        to path: String,
        _ tensors: [TensorView],
        _ moments: [TensorView],
        last: [TensorView]
    ) throws(UNetError) {
        let tensors = tensors + TrainingPoint.named(moments: moments, net: last)
        var metadata = [
            "format": "pt", "program": "wattbook-unet", "filters": "\(net.filters)", "depth": "\(net.depth)",
            "size": "\(size)", "input_range": range.rawValue, "architecture": net.architecture.rawValue,
        ]
        metadata.merge(training?.metadata ?? [:]) { own, _ in own }
        var header: [String: Any] = ["__metadata__": metadata]
        var end = 0
        for tensor in tensors {
            let start = end
            end += tensor.shape.reduce(4, *)
            header[tensor.name] = ["dtype": "F32", "shape": tensor.shape, "data_offsets": [start, end]]
        }
        guard var json = try? Array(JSONSerialization.data(withJSONObject: header, options: [.sortedKeys])) else {
            throw UNetError(
                code: .cannotWrite,
                problem: "The header of \(path) cannot be encoded.",
                remedy: "Report the names of the net's tensors."
            )
        }
        // Tensors start at a multiple of eight bytes, as readers that map the file expect.
        json += repeatElement(UInt8(ascii: " "), count: (8 - json.count % 8) % 8)
        let length = (0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) }
        try writeFile(path, durable: true) { file in
            _ = try file.writeAll(length + json)
            // The processors of this program keep numbers as the format wants them, little end first.
            for tensor in tensors {
                _ = try unsafe tensor.read().withUnsafeBytes { try unsafe file.writeAll($0) }
            }
        }
    }
}

/// Reading: the header first, then of the tensors those that are asked for, one after the other.
extension Checkpoint {
    private enum Part { case header, net, training }

    /// Reads a checkpoint, and with `training` also what a training needs to go on.
    ///
    /// Errors: `.missingInput` for no file, `.badData` for one that is none of this program.
    public init(contentsOf path: String, training: Bool = false) throws(UNetError) {
        self = try reading(path) { file in try Self(file, path, training ? .training : .net) }
    }

    /// What a checkpoint says of its net, without any tensor; errors as those of reading it whole.
    public static func header(of path: String) throws(UNetError) -> Checkpoint {
        try reading(path) { file in try Self(file, path, .header) }
    }

    private init(_ file: FileDescriptor, _ path: String, _ part: Part) throws {
        let damaged = UNetError(
            code: .badData,
            problem: "\(path) is not a checkpoint of wattbook-unet, or it is damaged.",
            remedy: "Name a file that `wattbook-unet train --checkpoint` has written."
        )
        let end = try file.seek(offset: 0, from: .end)
        let length: [UInt64] = try Self.read(file, at: 0, count: 1)
        guard let length = length.first, end >= 8, length <= UInt64(end - 8) else { throw damaged }
        let start = 8 + Int(length)
        let text: [UInt8] = try Self.read(file, at: 8, count: Int(length))
        guard let json = try? JSONSerialization.jsonObject(with: Data(text)),
            let header = json as? [String: Any],
            let metadata = header["__metadata__"] as? [String: String],
            let filters = metadata["filters"].flatMap({ Int($0) }), NetConfiguration.filters.contains(filters),
            let depth = metadata["depth"].flatMap({ Int($0) }), NetConfiguration.depths.contains(depth),
            let size = metadata["size"].flatMap({ ImageSize($0) }), max(size.height, size.width) <= ImageSize.most,
            // Files of before there was a choice do not name it.
            let range = InputRange(rawValue: metadata["input_range"] ?? InputRange.unit.rawValue),
            let architecture = NetArchitecture(rawValue: metadata["architecture"] ?? NetArchitecture.unet.rawValue)
        else { throw damaged }
        let net = NetConfiguration(filters: filters, depth: depth, architecture: architecture)
        self.init(net: net, size: size, range: range, tensors: [])
        var found: [(start: Int, tensor: NamedTensor)] = []
        for (name, entry) in header where name != "__metadata__" {
            guard let entry = entry as? [String: Any], let range = Self.extent(entry, Int(end) - start) else {
                throw damaged
            }
            if part == .header || (name.hasPrefix(TrainingPoint.prefix) && part == .net) { continue }
            // The processors of this program keep numbers as the format has them, little end first.
            let values: [Float] = try Self.read(file, at: start + range.lowerBound, count: range.count / 4)
            guard values.count == range.count / 4 else { throw damaged }
            let shape = entry["shape"] as? [Int] ?? []
            found.append((range.lowerBound, NamedTensor(name: name, shape: shape, values: values)))
        }
        // In the order in which they were written.
        let all = found.sorted { $0.start < $1.start }.map(\.tensor)
        tensors = all.filter { !$0.name.hasPrefix(TrainingPoint.prefix) }
        guard part == .training else { return }
        training = TrainingPoint(metadata, all.filter { $0.name.hasPrefix(TrainingPoint.prefix) })
    }

    /// So many values from a place of the file on, or as many whole ones as there are.
    private static func read<Value: BitwiseCopyable>(
        _ file: FileDescriptor,
        at place: Int,
        count: Int
    ) throws -> [Value] {
        try unsafe [Value](unsafeUninitializedCapacity: count) { values, filled in
            let bytes = UnsafeMutableRawBufferPointer(values)
            var got = 0
            while got < bytes.count {
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[got...])
                let more = try unsafe file.read(fromAbsoluteOffset: Int64(place + got), into: rest)
                if more == 0 { break }
                got += more
            }
            filled = got / MemoryLayout<Value>.stride
        }
    }

    /// The bytes of a tensor; nil where they do not fit its shape or the file.
    private static func extent(_ entry: [String: Any], _ bytes: Int) -> Range<Int>? {
        guard entry["dtype"] as? String == "F32", let shape = entry["shape"] as? [Int],
            let offsets = entry["data_offsets"] as? [Int], offsets.count == 2,
            offsets[0] >= 0, offsets[0] <= offsets[1], offsets[1] <= bytes,
            shape.allSatisfy({ (0...(1 << 32)).contains($0) }),
            shape.reduce(4, { $0.multipliedReportingOverflow(by: $1).partialValue }) == offsets[1] - offsets[0]
        else { return nil }
        return offsets[0]..<offsets[1]
    }
}
