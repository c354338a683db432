internal import Dispatch

/// Images and masks of one step, N x 1 x H x W in row order.
public struct Batch: Sendable {
    /// Frames in the data set that this batch shows; `images` may hold repeats beyond them.
    public var indices: [Int] = []
    /// Samples over the range of the cache that they come from: black to white.
    public var images: [Float] = []
    /// 1 is glottis, 0 is not.
    public var masks: [Float] = []
    /// Sizes on disk of the frames of `indices`: columns, rows.
    public var extents: [(width: Int, height: Int)] = []

    /// A batch without a frame, for a loader to fill.
    public init() {}
}

/// Fills batches ahead of the training, on threads of its own, in the order asked for.
///
/// A few batches go round between those threads and the one that trains: what a step costs is a change of buffers, and
/// no memory. The training itself stays on one thread: marks nest by thread, and OpenMP keeps a pool for each that
/// calls it.
public final class BatchLoader {
    private let ring: BatchRing

    /// A loader of `requests` for a net that computes with so many threads.
    ///
    /// Frames of a short request are repeated until they are `batch`; `indices` names those that count.
    public init(
        _ cache: SampleCache,
        _ requests: some Sequence<BatchRequest> & Sendable,
        batch: Int,
        threads: Int = 1,
        augmentation: Augmentation = Augmentation(),
        seed: UInt64 = 0
    ) {
        precondition(batch > 0, "a loader needs a batch of at least one frame")
        let ring = BatchRing(requests, count: Self.batches(threads: threads) - 1)
        self.ring = ring
        for _ in 0..<Self.fillers(threads: threads) {
            // Queues of their own: one for all would start as many threads as there are idle cores.
            DispatchQueue(label: "wattbook.unet.loader", qos: .userInitiated).async {
                while var order = ring.take() {
                    let epoch = order.request.epoch
                    do throws(UNetError) {
                        try cache.fill(&order.batch, order.request.indices, to: batch) {
                            augmentation.changed($0, seed: seed, epoch: epoch, index: $1)
                        }
                        ring.put(&order)
                    } catch {
                        ring.put(&order, failure: error)
                    }
                }
            }
        }
    }

    /// Threads that fill batches: to decode and change a frame takes a tenth of what the smallest nets compute on it.
    static func fillers(threads: Int) -> Int { 1 + min(threads, 128) / 8 }

    /// Batches that go round: one for each thread that fills, one that waits to be used, and the one in use.
    static func batches(threads: Int) -> Int { fillers(threads: threads) + 2 }

    deinit { ring.close() }

    /// Gives `batch` back to be filled anew and takes the next one for it, waiting where it is not there yet.
    ///
    /// - Returns: False after the last batch.
    public func next(_ batch: inout Batch) throws(UNetError) -> Bool {
        try ring.exchange(&batch)
    }
}

/// What goes into a batch.
public struct BatchRequest: Sendable, Hashable {
    /// Frames in their order.
    public var indices: [Int]
    /// Pass over the data, from 0, that random changes follow from.
    public var epoch = 0

    /// `order` cut into groups of `batch` frames, the last of which may be short.
    public static func groups(of order: [Int], batch: Int) -> [BatchRequest] {
        stride(from: 0, to: order.count, by: batch).map {
            BatchRequest(indices: Array(order[$0..<min($0 + batch, order.count)]))
        }
    }
}
