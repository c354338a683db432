internal import Dispatch
internal import Synchronization

/// Images and masks of one step, N x 1 x S x S in row order.
public struct Batch: Sendable {
    /// Frames in the data set that this batch shows; `images` may hold repeats beyond them.
    public var indices: [Int]
    /// Samples from 0 (black) to 1 (white).
    public var images: [Float]
    /// 1 is glottis, 0 is not.
    public var masks: [Float]
    /// Sizes on disk of the frames of `indices`: columns, rows.
    public var extents: [(width: Int, height: Int)]
}

/// Decodes batches ahead of the training, on a thread of its own, in the order asked for.
///
/// The training itself stays on one thread: marks nest by thread, and OpenMP keeps a pool for each that calls it.
public struct BatchLoader {
    private let cache: SampleCache
    private let batch: Int
    private let ahead: Int
    private let decoder = DispatchQueue(label: "wattbook.unet.decoder", qos: .userInitiated)
    private var waiting: ArraySlice<[Int]>
    private var decoding: [PendingBatch] = []

    /// A loader of `order`, cut into groups of `batch` frames; `ahead` batches are decoded before they are asked for.
    ///
    /// A last group that is short is dropped where `dropsLast` is set and it is not the only one; otherwise its
    /// images are filled up with its own first frames, and `indices` names those that count.
    public init(_ cache: SampleCache, order: [Int], batch: Int, dropsLast: Bool, ahead: Int = 2) {
        precondition(batch > 0 && ahead > 0, "a loader needs a batch of at least one frame, and one ahead")
        self.cache = cache
        self.batch = batch
        self.ahead = ahead
        var groups = stride(from: 0, to: order.count, by: batch).map { Array(order[$0..<min($0 + batch, order.count)]) }
        if dropsLast, groups.count > 1, let last = groups.last, last.count < batch { groups.removeLast() }
        waiting = groups[...]
    }

    /// The next batch, or nil after the last; waits where it is not decoded yet.
    public mutating func next() throws(UNetError) -> Batch? {
        while decoding.count <= ahead, let indices = waiting.popFirst() {
            let pending = PendingBatch()
            decoding.append(pending)
            decoder.async { [cache, batch] in
                pending.settle(Result { () throws(UNetError) in try cache.batch(indices, filledTo: batch) })
            }
        }
        return decoding.isEmpty ? nil : try decoding.removeFirst().wait()
    }
}

/// A batch that another thread is decoding.
private final class PendingBatch: Sendable {
    private let outcome = Mutex<Result<Batch, UNetError>?>(nil)
    private let isSettled = DispatchSemaphore(value: 0)

    /// Hands over the batch or the reason why there is none; called once.
    func settle(_ result: Result<Batch, UNetError>) {
        outcome.withLock { $0 = result }
        isSettled.signal()
    }

    /// Waits for `settle`; called once.
    func wait() throws(UNetError) -> Batch? {
        isSettled.wait()
        return try outcome.withLock { $0 }?.get()
    }
}

/// Decoded frames of a data set at one size, kept in memory while they are few.
public final class SampleCache: Sendable {
    private let dataset: Dataset
    private let size: Int
    private let kept: Mutex<[Int: Sample]>?

    /// A cache of `dataset` at `size`; a set that needs more than `limit` bytes is decoded anew each time.
    public init(_ dataset: Dataset, size: Int, limit: Int = 512 << 20) {
        self.dataset = dataset
        self.size = size
        kept = dataset.count * size * size * 2 <= limit ? Mutex([:]) : nil
    }

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
        var batch = Batch(indices: indices, images: [], masks: [], extents: [])
        batch.images.reserveCapacity(count * size * size)
        batch.masks.reserveCapacity(count * size * size)
        for position in 0..<count {
            let sample = try sample(indices[position % indices.count])
            if position < indices.count { batch.extents.append((sample.width, sample.height)) }
            for value in sample.image.pixels { batch.images.append(Float(value) * (1 / 255)) }
            for value in sample.mask.pixels { batch.masks.append(value < 128 ? 0 : 1) }
        }
        return batch
    }
}
