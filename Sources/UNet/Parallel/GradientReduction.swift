import CMPI
import COneDNN

#if canImport(Glibc)
import Glibc
#endif

/// Adds up the gradients of all ranks while the backward pass goes on.
///
/// Tensors are gathered into buckets from the net's end to its beginning, the order in which a backward pass finishes
/// them. A bucket's sum starts when its last tensor is finished. MPI makes progress only while it is called, so
/// that each finished layer lets the sums under way go on.
@safe
final class GradientReduction {
    /// Bytes of fp32 gradients from which a bucket is full: enough to be worth a message, little enough to start early.
    static let bucketBytes = 1 << 20

    /// Told before and after a wait that is worth a mark: one that took a millisecond in the step before.
    var onWait: ((_ begins: Bool) -> Void)?

    private let parameters: NetParameters
    private let packed: Buffer?
    private let buckets: [Range<Int>]
    /// Bucket of each tensor.
    private let bucketOf: [Int]
    private let tensorsOf: [Int]
    private var missing: [Int]
    private var pending: [(bucket: Int, request: UnsafeMutableRawPointer?)] = unsafe []
    private var lastWait = 0.0

    init(_ parameters: NetParameters, _ parallel: DataParallel) throws(UNetError) {
        self.parameters = parameters
        packed = parallel.allreduce == .bf16 ? try Buffer(bytes: parameters.count * 2) : nil
        let offsets = parameters.slots.map(\.offset)
        (buckets, bucketOf) = Self.buckets(offsets, count: parameters.count, full: Self.bucketBytes / 4)
        var counts = [Int](repeating: 0, count: buckets.count)
        for bucket in bucketOf { counts[bucket] += 1 }
        (tensorsOf, missing) = (counts, counts)
        unsafe pending.reserveCapacity(buckets.count)
    }

    /// Ranges of elements from the last tensor to the first, each with `full` elements at least but the last, and the
    /// range of each tensor; `offsets` are where the tensors begin among `count` elements.
    static func buckets(_ offsets: [Int], count: Int, full: Int) -> (ranges: [Range<Int>], ofTensor: [Int]) {
        var (end, ranges, ofTensor) = (count, [Range<Int>](), [Int](repeating: 0, count: offsets.count))
        for tensor in offsets.indices.reversed() {
            ofTensor[tensor] = ranges.count
            if end - offsets[tensor] >= full || tensor == 0 {
                ranges.append(offsets[tensor]..<end)
                end = offsets[tensor]
            }
        }
        return (ranges, ofTensor)
    }

    /// Learns that the gradients of these tensors are complete: starts what is full, and lets the rest go on.
    func finished(_ tensors: [Int]) {
        for tensor in tensors {
            let bucket = bucketOf[tensor]
            missing[bucket] -= 1
            if missing[bucket] == 0 { start(bucket) }
        }
        progress()
    }

    /// Waits until all gradients are those of all ranks.
    func finish() {
        // A tensor that nobody reported is complete by now.
        for bucket in buckets.indices where missing[bucket] > 0 { start(bucket) }
        progress()
        if unsafe !pending.isEmpty {
            let isMarked = lastWait >= 1e-3
            if isMarked { onWait?(true) }
            let before = cmpi_waited_seconds()
            for index in unsafe pending.indices {
                unsafe cmpi_wait(&pending[index].request)
                unsafe unpack(pending[index].bucket)
            }
            unsafe pending.removeAll(keepingCapacity: true)
            lastWait = cmpi_waited_seconds() - before
            if isMarked { onWait?(false) }
        } else {
            lastWait = 0
        }
        missing = tensorsOf
    }

    private func progress() {
        unsafe pending.removeAll { entry in
            var request = unsafe entry.request
            guard unsafe cmpi_is_done(&request) != 0 else { return false }
            unsafe unpack(entry.bucket)
            return true
        }
    }

    private func start(_ bucket: Int) {
        let range = buckets[bucket]
        let values = unsafe parameters.gradients.floats + range.lowerBound
        let request: UnsafeMutableRawPointer?
        if let packed {
            let halves = unsafe packed.raw.assumingMemoryBound(to: UInt16.self) + range.lowerBound
            unsafe od_pack(od_bf16, Int64(range.count), values, halves)
            unsafe request = unsafe cmpi_start(cmpi_bf16, halves, Int64(range.count))
        } else {
            unsafe request = unsafe cmpi_start(cmpi_f32, values, Int64(range.count))
        }
        unsafe pending.append((bucket, request))
    }

    private func unpack(_ bucket: Int) {
        guard let packed else { return }
        let range = buckets[bucket]
        let halves = unsafe packed.raw.assumingMemoryBound(to: UInt16.self) + range.lowerBound
        unsafe od_unpack(od_bf16, Int64(range.count), halves, parameters.gradients.floats + range.lowerBound)
    }
}

extension NetParameters {
    /// The tensors of layers, as `decoder.0.conv2`.
    func tensors(of layers: [String]) -> [Int] {
        slots.indices.filter { index in layers.contains { slots[index].name.hasPrefix("\($0).") } }
    }

    /// A step of a backward pass after which the gradients of these layers are complete.
    func finishes(_ layers: [String]) -> () -> Int32 {
        let tensors = tensors(of: layers)
        return { [unowned self] in
            onFinished?(tensors)
            return 0
        }
    }
}

/// Running statistics that differ from rank to rank.
extension NetParameters {
    /// Takes the mean over all ranks.
    ///
    /// Statistics run linearly: their mean at any time is what the mean in every step would have come to.
    func shareStatistics(_ world: World) {
        for (_, channels, mean, variance) in running {
            for buffer in [mean, variance] {
                unsafe cmpi_sum(cmpi_f32, buffer.floats, Int64(channels))
                for channel in 0..<channels { unsafe buffer.floats[channel] /= Float(world.size) }
            }
        }
    }
}
