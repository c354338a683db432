internal import Dispatch
internal import Synchronization

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

/// Fills batches ahead of the training, on a thread of its own, in the order asked for.
///
/// A few batches go round between that thread and the one that trains: what a step costs is a change of buffers, and no
/// memory. The training itself stays on one thread: marks nest by thread, and OpenMP keeps a pool for each that
/// calls it.
public final class BatchLoader {
    private let ring: BatchRing

    /// A loader of `requests`; `ahead` batches are filled before they are asked for.
    ///
    /// Frames of a short request are repeated until they are `batch`; `indices` names those that count.
    public init(
        _ cache: SampleCache,
        _ requests: some Sequence<BatchRequest> & Sendable,
        batch: Int,
        ahead: Int = 2,
        augmentation: Augmentation = Augmentation(),
        seed: UInt64 = 0
    ) {
        precondition(batch > 0 && ahead > 0, "a loader needs a batch of at least one frame, and one ahead")
        let ring = BatchRing(ahead)
        self.ring = ring
        DispatchQueue(label: "wattbook.unet.loader", qos: .userInitiated).async {
            for request in requests {
                guard var next = ring.takeEmpty() else { return }
                do throws(UNetError) {
                    try cache.fill(&next, request.indices, to: batch) {
                        augmentation.changed($0, seed: seed, epoch: request.epoch, index: $1)
                    }
                    ring.put(.success(next))
                } catch {
                    return ring.put(.failure(error))
                }
            }
            ring.put(nil)
        }
    }

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

/// Batches on their way from the thread that fills them to the one that uses them, and back.
private final class BatchRing: Sendable {
    private struct State {
        var empty: [Batch]
        /// In their order; nil is the end.
        var filled: [Result<Batch, UNetError>?] = []
        var isClosed = false
    }

    private let state: Mutex<State>
    // Both begin at 0: libdispatch ends a program that frees a semaphore below its first value.
    private let empties = DispatchSemaphore(value: 0)
    private let fulls = DispatchSemaphore(value: 0)

    init(_ count: Int) {
        var first = State(empty: Array(repeating: Batch(), count: count))
        first.empty.reserveCapacity(count + 1)
        first.filled.reserveCapacity(count + 1)
        state = Mutex(first)
        for _ in 0..<count { empties.signal() }
    }

    /// A batch to fill, once there is one; nil when nobody wants it any more.
    func takeEmpty() -> Batch? {
        empties.wait()
        return state.withLock { $0.isClosed ? nil : $0.empty.removeLast() }
    }

    func put(_ batch: Result<Batch, UNetError>?) {
        state.withLock { $0.filled.append(batch) }
        fulls.signal()
    }

    /// Takes the next batch, once there is one, for `batch`; false after the last, and the same error every time after a
    /// failure.
    ///
    /// When the filling thread hears of a batch that is given back nobody else holds it any more: filling it would be
    /// filling a copy.
    func exchange(_ batch: inout Batch) throws(UNetError) -> Bool {
        fulls.wait()
        let outcome: Result<Bool, UNetError> = state.withLock { state in
            switch state.filled.first ?? nil {
            case .success(let next):
                state.filled.removeFirst()
                state.empty.append(batch)
                batch = next
                return .success(true)
            // The end stays where it is, whoever asks again.
            case .failure(let error): return .failure(error)
            case nil: return .success(false)
            }
        }
        let isExchanged = (try? outcome.get()) == true
        (isExchanged ? empties : fulls).signal()
        return try outcome.get()
    }

    /// Ends the filling thread after the batch that it is at.
    func close() {
        state.withLock { $0.isClosed = true }
        empties.signal()
    }
}
