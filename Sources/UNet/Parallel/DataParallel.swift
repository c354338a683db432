/// How the ranks of a training work together: each has the whole net and a share of every batch.
public struct DataParallel: Sendable, Hashable {
    /// Type in which gradients travel.
    public enum Allreduce: String, Sendable, CaseIterable {
        /// Added up as they are.
        case fp32
        /// Half the bytes: rounded to bf16 before the sum and after each addition.
        case bf16
    }

    /// Whose statistics a batch is normalised by in training.
    public enum Statistics: String, Sendable, CaseIterable {
        /// Those of the rank's own share of the batch.
        case local
        /// Those of the whole batch, so that the ranks compute what one process would.
        case synchronised
    }

    /// The ranks.
    public var world: World
    /// Type in which gradients travel.
    public var allreduce: Allreduce
    /// Whose statistics normalise.
    public var batchNorm: Statistics

    /// Creates the way in which ranks work together.
    public init(world: World, allreduce: Allreduce = .fp32, batchNorm: Statistics = .synchronised) {
        (self.world, self.allreduce, self.batchNorm) = (world, allreduce, batchNorm)
    }

    /// The ranks over which statistics are taken; nil where each takes its own.
    var synchronised: World? { batchNorm == .synchronised ? world : nil }
}

extension TrainingOptions {
    /// Images in a step over all ranks.
    public var totalBatch: Int { batch * (parallel?.world.size ?? 1) }
}

extension TrainingOrder {
    /// Of each batch of `size` times as many frames the part that `rank` takes, in their order.
    public func share(of rank: Int, among size: Int) -> some Sequence<BatchRequest> & Sendable {
        ShareOfOrder(order: self, rank: rank, size: size)
    }
}

/// One rank's part of every batch.
private struct ShareOfOrder: Sequence, IteratorProtocol, Sendable {
    var order: TrainingOrder
    let rank: Int
    let size: Int

    mutating func next() -> BatchRequest? {
        order.next().map { whole in
            let count = whole.indices.count / size
            return BatchRequest(
                indices: Array(whole.indices.dropFirst(rank * count).prefix(count)),
                epoch: whole.epoch
            )
        }
    }
}

extension SegmentationScore {
    /// Adds up what all ranks have seen.
    public mutating func add(over world: World) {
        var sums = self.sums
        world.sum(&sums)
        self.sums = sums
    }
}
