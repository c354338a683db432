internal import Glibc

/// A set of synthetic laryngeal images in the layout and with the statistics of BAGLS, made from a seed.
///
/// The images are drawn, not recorded: they stand in for BAGLS where its licence or its size forbids it.
/// Statistics of the original: 7 % of frames have an empty mask, the glottis covers 0.69 % of the image
/// (Gomez et al., Scientific Data 7:186, 2020).
public struct Synthesis: Sendable {
    /// Number of frames.
    public var count: Int
    /// Side of the square images in pixels.
    public var size: Int
    /// Everything random follows from it: the same seed and options give the same files byte for byte.
    public var seed: UInt64
    /// Mean fraction of the image that is glottis, over all frames, empty ones too.
    public var area: Double
    /// Fraction of the frames with an empty mask (closed vocal folds).
    public var emptyShare: Double

    /// A set of `count` frames; the statistics are those of BAGLS unless given.
    public init(count: Int, size: Int, seed: UInt64, area: Double = 0.007, emptyShare: Double = 0.07) {
        self.count = count
        self.size = size
        self.seed = seed
        self.area = area
        self.emptyShare = emptyShare
    }

    /// Writes `N.png`, `N_seg.png` and `N.meta` for every frame into `folder`, made where missing.
    ///
    /// `progress` is told the number of frames written so far. Errors: `.usage` for impossible options,
    /// `.cannotWrite` with the path, also for a folder with frames beyond `count`.
    public func write(to folder: String, progress: (Int) -> Void = { _ in }) throws(UNetError) {
        try check()
        try makeFolder(folder)
        try checkNothingBeyond(folder)
        var video: SyntheticVideo?
        for (index, frame) in frames().enumerated() {
            if video?.number != frame.video {
                video = SyntheticVideo(number: frame.video, size: size, seed: seed, area: area)
            }
            guard let video else { continue }
            let picture = try video.picture(of: frame, index: index)
            try writeFile("\(folder)/\(index).png", picture.image)
            try writeFile("\(folder)/\(index)_seg.png", picture.mask.png(channels: 3))
            try writeFile("\(folder)/\(index).meta", Array(video.meta.utf8))
            progress(index + 1)
        }
    }

    /// Frames of an earlier, larger set would stay among the new ones.
    private func checkNothingBeyond(_ folder: String) throws(UNetError) {
        guard unsafe access("\(folder)/\(count).png", F_OK) == 0 else { return }
        throw UNetError(
            code: .cannotWrite,
            problem: "\(folder) holds a set of more than \(count) images already, \(count).png among them.",
            remedy: "Remove that folder or choose another --out."
        )
    }

    private func check() throws(UNetError) {
        guard count >= 1 && count <= 10_000_000 else {
            throw usage("--count \(count) is outside 1 to 10000000.", "Ask for at least one frame.")
        }
        guard (16...4096).contains(size) else {
            throw usage("--size \(size) is outside 16 to 4096.", "Use 128, 256 or 512, for example.")
        }
        guard area >= 0.0005 && area <= 0.1 else {
            throw usage("--area \(area) is outside 0.0005 to 0.1.", "BAGLS has 0.007; up to 0.05 is easier to learn.")
        }
    }

    private func usage(_ problem: String, _ remedy: String) -> UNetError {
        UNetError(code: .usage, problem: problem, remedy: remedy)
    }
}

/// One frame of the plan: which video, when in it, and how much glottis it shows.
struct SyntheticFrame: Sendable {
    /// Number of the video, from 0.
    var video: Int
    /// Number of the frame within its video.
    var time: Int
    /// Glottis area as a fraction of the image; 0 is a closed glottis.
    var area: Float
}

extension Synthesis {
    /// The plan of the set: the mean area and the share of empty frames hold for the set as a whole.
    func frames() -> [SyntheticFrame] {
        // BAGLS has 50 or 100 frames a video; a small set has shorter videos, so that a split finds several.
        let length = min(50, max(1, (count + 9) / 10))
        var openings: [Float] = []
        for start in stride(from: 0, to: count, by: length) {
            var random = Xoshiro256(seed: seed, stream: UInt64(start / length) << 8 | 1)
            openings += Self.vibration(frames: min(length, count - start), &random)
        }
        // The most closed frames of the set are the closed ones.
        let closed = Int((Double(count) * emptyShare).rounded())
        let order = openings.indices.sorted { (openings[$0], $0) < (openings[$1], $1) }
        for index in order.prefix(closed) { openings[index] = 0 }
        let mean = openings.reduce(0) { $0 + Double($1) } / Double(count)
        let scale = mean > 0 ? area / mean : 0
        return openings.enumerated().map { index, opening in
            SyntheticFrame(video: index / length, time: index % length, area: Float(Double(opening) * scale))
        }
    }

    /// Relative openings over the frames of one video: cycles of opening and closing, never quite closed.
    private static func vibration(frames: Int, _ random: inout Xoshiro256) -> [Float] {
        let period = random.uniform(5, 14)
        let phase = random.uniform(0, 1)
        let gain = random.uniform(0.6, 1.4)
        let rest = random.uniform(0.15, 0.5)
        return (0..<frames).map { frame in
            let cycle = Float(frame) / period + phase
            let triangle = abs(2 * (cycle - cycle.rounded(.down)) - 1)
            return gain * (rest + (1 - rest) * smoothstep(0, 1, triangle)) * random.uniform(0.95, 1.05)
        }
    }
}
