public import ArgumentParser
public import UNet

/// How the net computes: options that training and inference share.
struct EngineOptions: ParsableArguments {
    @Option(help: "fp32, bf16 or fp16 (mixed: fp32 sums and master weights), or int8 (infer alone).")
    var precision = "fp32"
    @Option(help: "onednn, or openblas (fp32 alone; portable).")
    var engine = EngineKind.onednn
    @Option(help: "direct, winograd, or fastest: each layer is timed once.")
    var algorithm = ConvolutionAlgorithm.direct
    @Option(help: "Threads to compute with (default: every processor that this process may use).")
    var threads: Int?
    @Option(
        help: ArgumentHelp("Refuse to start where the estimated memory is above this, as 2GiB.", valueName: "bytes")
    )
    var memoryLimit: ByteCount?
    @Option(help: ArgumentHelp("cpu: this program has no other.", visibility: .hidden))
    var device = "cpu"
    @Flag(name: [.long, .customLong("cuda")], help: .hidden)
    var gpu = false
    @Flag(help: "Emulate bf16 where the processor lacks it: its numbers are true, its speed and energy say nothing.")
    var allowEmulation = false

    /// The threads asked for, or all there are.
    ///
    /// Ranks on one node share its processors, unless their launcher has done so.
    var threadCount: Int {
        if let threads { return threads }
        guard let launch = ParallelOptions.launch, !launch.isBound else { return Threads.available }
        return max(1, Threads.available / launch.localSize)
    }

    /// The precision by its name; `.unsupported` for one that exists but not here.
    func resolvedPrecision() throws(UNetError) -> Precision {
        if let known = Precision(rawValue: precision) { return known }
        let names = Precision.allCases.map(\.rawValue).joined(separator: ", ")
        let exists = ["tf32", "fp8"].contains(precision)
        throw UNetError(
            code: exists ? .unsupported : .usage,
            problem: exists
                ? "--precision \(precision) is not supported on a CPU by this program."
                : "--precision \(precision) is no precision.",
            remedy: "Use --precision \(names)."
        )
    }

    /// Sets what these options say.
    func apply(to options: inout TrainingOptions) throws(UNetError) {
        options.precision = try resolvedPrecision()
        options.algorithm = algorithm
        options.engine = engine
        options.threads = threadCount
        options.allowEmulation = allowEmulation
    }

    /// Sentences on what is allowed but hardly meant.
    var warnings: [String] {
        let available = Threads.available
        guard threadCount > available else { return [] }
        return [
            "\(threadCount) threads share the \(available) processor\(available == 1 ? "" : "s") of this process: "
                + "they wait for each other, which costs time and energy."
        ]
    }

    /// Checks the values and starts the process anew with the threads asked for, where it must.
    func prepare() throws(UNetError) {
        guard !gpu, device == "cpu" else {
            throw UNetError(
                code: .unsupported,
                problem: "This program computes on the CPU alone, not on \(gpu ? "a GPU" : "--device \(device)").",
                remedy: "Leave the option out, or use one of the Python workloads for a GPU."
            )
        }
        _ = try resolvedPrecision()
        try check("--threads", threadCount, in: 1...4096)
        try Threads.use(threadCount)
    }
}

extension ConvolutionAlgorithm: ExpressibleByArgument {}
extension EngineKind: ExpressibleByArgument {}
extension LossKind: ExpressibleByArgument {}
extension InputRange: ExpressibleByArgument {}

extension ImageSize: ExpressibleByArgument {
    /// From `512x256`, or `256` for a square.
    public init?(argument: String) { self.init(argument) }
}

/// The shape of the net.
struct NetOptions: ParsableArguments {
    @Option(help: "bagls: shape and recipe of the net published with that data set; other options overrule it.")
    var preset: Preset?
    @Option(help: "Channels of the first level; each level below has twice as many (default 16).")
    var filters: Int?
    @Option(help: "Levels below the first (default 4).")
    var depth: Int?

    /// The net; errors: `.usage`.
    func configuration() throws(UNetError) -> NetConfiguration {
        let filters = filters ?? preset?.filters ?? 16
        let depth = depth ?? preset?.depth ?? 4
        try check("--filters", filters, in: NetConfiguration.filters)
        try check("--depth", depth, in: NetConfiguration.depths)
        return NetConfiguration(filters: filters, depth: depth, architecture: preset?.architecture ?? .unet)
    }

    /// The net as far as it was asked for; what was not asked for is as in a checkpoint.
    func configuration(like saved: NetConfiguration) -> NetConfiguration {
        NetConfiguration(
            filters: filters ?? preset?.filters ?? saved.filters,
            depth: depth ?? preset?.depth ?? saved.depth,
            architecture: preset?.architecture ?? saved.architecture
        )
    }
}

/// Throws `.badData` where a checkpoint's net is not the one asked for.
func check(_ saved: NetConfiguration, of path: String, is wanted: NetConfiguration) throws(UNetError) {
    guard wanted != saved else { return }
    throw UNetError(
        code: .badData,
        problem: "\(path) holds \(saved.text), not \(wanted.text).",
        remedy: "Give \(saved.options), or name another checkpoint."
    )
}

extension NetConfiguration {
    fileprivate var text: String {
        let name = architecture == .bagls ? "the BAGLS net" : "a net"
        return "\(name) of \(filters) filters and depth \(depth)"
    }

    fileprivate var options: String {
        (architecture == .bagls ? "--preset bagls " : "") + "--filters \(filters) --depth \(depth)"
    }
}

/// Throws `.usage` unless an option's value lies in its range.
func check(_ option: String, _ value: Int, in range: ClosedRange<Int>) throws(UNetError) {
    guard !range.contains(value) else { return }
    throw UNetError(
        code: .usage,
        problem: "\(option) \(value) is outside \(range.lowerBound) to \(range.upperBound).",
        remedy: "Give \(option) a whole number in that range."
    )
}

/// Throws `.usage` unless images of a size can be halved `depth` times.
func check(size: ImageSize, depth: Int) throws(UNetError) {
    try check("--size", max(size.height, size.width), in: 1...ImageSize.most)
    guard !size.canBeHalved(depth) else { return }
    let unit = 1 << depth
    let below = ImageSize(height: size.height / unit * unit, width: size.width / unit * unit)
    let above = ImageSize(height: (size.height + unit - 1) / unit * unit, width: (size.width + unit - 1) / unit * unit)
    throw UNetError(
        code: .usage,
        problem: "--size \(size) cannot be halved \(depth) times: it is no multiple of \(unit).",
        remedy: "Use --size \(below.pixels > 0 ? "\(below) or " : "")\(above), or a smaller --depth."
    )
}
