internal import Foundation

/// A trained net on disk in the safetensors format: named fp32 tensors and the shape of the net.
///
/// Layout: 8 bytes little-endian length of a JSON header, the header, then the tensors end to end, as
/// huggingface/safetensors documents it. PyTorch reads it with `safetensors.torch.load_file`.
public struct Checkpoint: Sendable {
    /// The net that the tensors belong to.
    public var net: NetConfiguration
    /// Side of the images that it was trained on, in pixels.
    public var size: Int
    /// Weights and running statistics.
    public var tensors: [NamedTensor]

    /// A checkpoint of the given tensors.
    public init(net: NetConfiguration, size: Int, tensors: [NamedTensor]) {
        self.net = net
        self.size = size
        self.tensors = tensors
    }

    /// Writes the checkpoint whole or not at all; errors: `.cannotWrite`.
    public func write(to path: String) throws(UNetError) {
        var header: [String: Any] = [
            "__metadata__": [
                "format": "pt", "program": "wattbook-unet", "filters": "\(net.filters)", "depth": "\(net.depth)",
                "size": "\(size)",
            ]
        ]
        var data: [UInt8] = []
        data.reserveCapacity(tensors.reduce(0) { $0 + $1.values.count * 4 })
        for tensor in tensors {
            let start = data.count
            for value in tensor.values {
                let bits = value.bitPattern
                data.append(UInt8(truncatingIfNeeded: bits))
                data.append(UInt8(truncatingIfNeeded: bits >> 8))
                data.append(UInt8(truncatingIfNeeded: bits >> 16))
                data.append(UInt8(truncatingIfNeeded: bits >> 24))
            }
            header[tensor.name] = ["dtype": "F32", "shape": tensor.shape, "data_offsets": [start, data.count]]
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
        try writeFile(path, length + json + data, durable: true)
    }

    /// Reads a checkpoint; errors: `.missingInput` for no file, `.badData` for one that is none of this program.
    public init(contentsOf path: String) throws(UNetError) {
        let bytes = try readFile(path)
        let damaged = UNetError(
            code: .badData,
            problem: "\(path) is not a checkpoint of wattbook-unet, or it is damaged.",
            remedy: "Name a file that `wattbook-unet train --checkpoint` has written."
        )
        guard bytes.count > 8 else { throw damaged }
        let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(bytes.count - 8),
            let json = try? JSONSerialization.jsonObject(with: Data(bytes[8..<8 + Int(length)])),
            let header = json as? [String: Any],
            let metadata = header["__metadata__"] as? [String: String],
            let filters = metadata["filters"].flatMap({ Int($0) }), filters > 0,
            let depth = metadata["depth"].flatMap({ Int($0) }), depth > 0,
            let size = metadata["size"].flatMap({ Int($0) }), size > 0
        else { throw damaged }
        net = NetConfiguration(filters: filters, depth: depth)
        self.size = size
        let data = bytes[(8 + Int(length))...]
        var found: [(start: Int, tensor: NamedTensor)] = []
        for (name, entry) in header where name != "__metadata__" {
            guard let entry = entry as? [String: Any], let tensor = Self.tensor(name, entry, data) else {
                throw damaged
            }
            found.append(tensor)
        }
        // In the order in which they were written.
        tensors = found.sorted { $0.start < $1.start }.map(\.tensor)
    }

    private static func tensor(
        _ name: String,
        _ entry: [String: Any],
        _ data: ArraySlice<UInt8>
    ) -> (start: Int, tensor: NamedTensor)? {
        guard entry["dtype"] as? String == "F32", let shape = entry["shape"] as? [Int],
            let offsets = entry["data_offsets"] as? [Int], offsets.count == 2,
            offsets[0] >= 0, offsets[0] <= offsets[1], offsets[1] <= data.count,
            shape.allSatisfy({ (0...(1 << 32)).contains($0) }),
            shape.reduce(4, { $0.multipliedReportingOverflow(by: $1).partialValue }) == offsets[1] - offsets[0]
        else { return nil }
        var values: [Float] = []
        values.reserveCapacity((offsets[1] - offsets[0]) / 4)
        for offset in stride(from: data.startIndex + offsets[0], to: data.startIndex + offsets[1], by: 4) {
            let bits = (0..<4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32(data[offset + $1]) }
            values.append(Float(bitPattern: bits))
        }
        return (offsets[0], NamedTensor(name: name, shape: shape, values: values))
    }
}
