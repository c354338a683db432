internal import Synchronization

/// Values that a net sees for black and white.
public enum InputRange: String, Sendable, CaseIterable {
    /// 0 to 1.
    case unit
    /// -1 to 1.
    case symmetric

    var black: Float { self == .unit ? 0 : -1 }
}

/// Decoded frames of a data set at one size, kept in memory while they are few.
public final class SampleCache: Sendable {
    /// Bytes that decoded frames may take.
    public static let defaultLimit = 512 << 20

    private let dataset: Dataset
    private let size: ImageSize
    private let range: InputRange
    private let kept: Mutex<[Int: Sample]>?

    /// A cache of `dataset` at `size`; a set that needs more than `limit` bytes is decoded anew each time.
    public init(_ dataset: Dataset, size: ImageSize, range: InputRange = .unit, limit: Int = SampleCache.defaultLimit) {
        self.dataset = dataset
        self.size = size
        self.range = range
        kept = Self.bytes(dataset.count, size: size) <= limit ? Mutex([:]) : nil
    }

    /// Bytes of so many frames: image and mask, a byte a pixel.
    public static func bytes(_ frames: Int, size: ImageSize) -> Int { frames * size.pixels * 2 }

    /// The frame `index`, decoded now or before.
    public func sample(_ index: Int) throws(UNetError) -> Sample {
        if let sample = kept?.withLock({ $0[index] }) { return sample }
        // Two threads may decode the same frame once: cheaper than to hold the lock while decoding.
        let sample = try dataset.sample(index, size: size)
        kept?.withLock { $0[index] = sample }
        return sample
    }

    /// The frames `indices`, filled up to `count` with repeats of them.
    public func batch(_ indices: [Int], filledTo count: Int) throws(UNetError) -> Batch {
        var batch = Batch()
        try fill(&batch, indices, to: count) { sample, _ in sample }
        return batch
    }

    /// Puts the frames `indices`, each as `change` makes it, into a batch, filled up to `count` with repeats of them.
    func fill(
        _ batch: inout Batch,
        _ indices: [Int],
        to count: Int,
        _ change: (Sample, Int) -> Sample
    ) throws(UNetError) {
        batch.indices = indices
        batch.images.removeAll(keepingCapacity: true)
        batch.masks.removeAll(keepingCapacity: true)
        batch.extents.removeAll(keepingCapacity: true)
        batch.images.reserveCapacity(count * size.pixels)
        batch.masks.reserveCapacity(count * size.pixels)
        let step = (1 - range.black) / 255
        for position in 0..<count {
            let index = indices[position % indices.count]
            let sample = change(try sample(index), index)
            if position < indices.count { batch.extents.append((sample.width, sample.height)) }
            for value in sample.image.pixels { batch.images.append(range.black + Float(value) * step) }
            for value in sample.mask.pixels { batch.masks.append(value < 128 ? 0 : 1) }
        }
    }
}
