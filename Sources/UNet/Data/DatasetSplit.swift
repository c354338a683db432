/// The frames for training and those held back for validation.
///
/// Neighbouring frames of a video are near duplicates: a split by frame would validate on what was learnt.
/// So whole videos are held back, where the `.meta` files name them.
public struct DatasetSplit: Sendable, Hashable {
    /// What the split went by.
    public enum Grouping: String, Sendable {
        /// Whole videos.
        case video
        /// Single frames: no `.meta` files, or a single video.
        case frame
    }

    /// Indices of the frames to learn from, ascending.
    public var training: [Int]
    /// Indices of the frames held back, ascending.
    public var validation: [Int]
    /// What the split went by.
    public var grouping: Grouping

    /// Holds back about `fraction` of the frames of `dataset`, drawn by `seed`; at least one where there are two.
    public init(_ dataset: Dataset, fraction: Double, seed: UInt64) {
        if fraction <= 0 || dataset.count < 2 {
            self.init(training: Array(0..<dataset.count), validation: [], grouping: .frame)
            return
        }
        self.init(videos: dataset.videos, fraction: fraction, seed: seed)
    }

    /// Splits frames whose video names are given; frames without one stand for themselves.
    init(videos: [String?], fraction: Double, seed: UInt64) {
        var groups: [String: [Int]] = [:]
        for (index, video) in videos.enumerated() {
            groups[video.map { "video \($0)" } ?? "frame \(index)", default: []].append(index)
        }
        if groups.count < 2 { groups = Dictionary(uniqueKeysWithValues: videos.indices.map { ("frame \($0)", [$0]) }) }
        let wanted = max(1, Int((Double(videos.count) * fraction).rounded()))
        var random = Xoshiro256(seed: seed, stream: 0x5311)
        // Dictionaries have no order of their own: sort before shuffling.
        let shuffled = groups.values.sorted { $0[0] < $1[0] }.shuffled(using: &random)
        var held: [Int] = []
        for (position, group) in shuffled.enumerated() where held.count < wanted && position + 1 < shuffled.count {
            // A long video is passed over when it would take far more than asked for, unless it is the first.
            if held.isEmpty || held.count + group.count <= wanted + wanted / 2 { held += group }
        }
        let isHeld = Set(held)
        self.init(
            training: videos.indices.filter { !isHeld.contains($0) },
            validation: held.sorted(),
            grouping: groups.count < videos.count ? .video : .frame
        )
    }

    /// The training frames in the order of epoch `epoch` (from 0), shuffled anew for each.
    public func order(epoch: Int, seed: UInt64) -> [Int] {
        var random = Xoshiro256(seed: seed, stream: 0x0E90_0000 + UInt64(epoch))
        return training.shuffled(using: &random)
    }

    private init(training: [Int], validation: [Int], grouping: Grouping) {
        self.training = training
        self.validation = validation
        self.grouping = grouping
    }
}

/// The batches of a training, epoch after epoch, from any step on.
///
/// All that is random in it follows from the seed and the number of the step: a training that was interrupted goes on
/// as if it had not been.
public struct TrainingOrder: Sequence, IteratorProtocol, Sendable {
    private let split: DatasetSplit
    private let batch: Int
    private let seed: UInt64
    private let end: Int
    private var step: Int
    private var shuffled: (epoch: Int, order: [Int])?

    /// The batches of the steps `steps`, counted from 0.
    public init(_ split: DatasetSplit, batch: Int, seed: UInt64, steps: Range<Int>) {
        self.split = split
        self.batch = batch
        self.seed = seed
        (step, end) = (steps.lowerBound, steps.upperBound)
    }

    /// Steps of an epoch: a last short batch is dropped, unless it is the only one.
    public static func stepsPerEpoch(_ split: DatasetSplit, batch: Int) -> Int {
        Swift.max(1, split.training.count / batch)
    }

    /// The frames of the next step; nil after the last.
    public mutating func next() -> BatchRequest? {
        guard step < end else { return nil }
        let (epoch, place) = step.quotientAndRemainder(dividingBy: Self.stepsPerEpoch(split, batch: batch))
        if shuffled?.epoch != epoch { shuffled = (epoch, split.order(epoch: epoch, seed: seed)) }
        step += 1
        let frames = shuffled?.order.dropFirst(place * batch).prefix(batch) ?? []
        return BatchRequest(indices: Array(frames), epoch: epoch)
    }
}
