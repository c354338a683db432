/// The machine that a run ran on; facts that are read once at its start.
public struct Host: Sendable, Codable, Hashable {
    public var name: String
    /// The processor's model name.
    public var cpu: String
    /// Online logical processors.
    public var cores: Int
    public var memoryBytes: Int64
    /// Names of the GPUs that a probe found.
    public var gpus: [String]
    public var kernel: String
    public var os: String
    /// `boot_id` of the kernel: one value from boot to boot.
    public var bootID: String
    /// The system's time zone, as `Europe/Berlin`; `nil` where it names no place.
    public var timeZone: String?
    /// ISO 3166 code of the time zone's country; `nil` where it has none or several.
    public var country: String?

    /// Facts about a machine; the arguments are the properties of the same names.
    public init(
        name: String,
        cpu: String,
        cores: Int,
        memoryBytes: Int64,
        gpus: [String] = [],
        kernel: String,
        os: String,
        bootID: String,
        timeZone: String? = nil,
        country: String? = nil
    ) {
        self.name = name
        self.cpu = cpu
        self.cores = cores
        self.memoryBytes = memoryBytes
        self.gpus = gpus
        self.kernel = kernel
        self.os = os
        self.bootID = bootID
        self.timeZone = timeZone
        self.country = country
    }
}

/// What the sampler cost and how well it kept time.
public struct SamplerReport: Sendable, Codable, Hashable {
    /// The wanted interval.
    public var interval: Double
    /// Ticks that were read.
    public var ticks: Int
    /// Ticks that fell out because the one before was too late.
    public var missed: Int
    /// The 99th percentile of the wake-up's lateness, in seconds.
    public var latenessP99: Double
    /// CPU time of the sampler's thread, in seconds.
    public var cpuTime: Double

    /// A report; times are in seconds.
    public init(interval: Double, ticks: Int, missed: Int, latenessP99: Double, cpuTime: Double) {
        self.interval = interval
        self.ticks = ticks
        self.missed = missed
        self.latenessP99 = latenessP99
        self.cpuTime = cpuTime
    }
}
