import Quantities

/// Over which time a power reading is a mean, and how often it is renewed.
///
/// After Yang, Adamek and Armour, arXiv 2312.02741, and the table of their measurements (GPU_Power_Benchmark); of
/// Blackwell and of unknown GPUs, the words of NVML's header: averaged over 1 s since Ampere, but for GA100.
struct PowerWindow: Hashable {
    var window: Seconds
    var period: Seconds
    /// What a reader must know of it.
    var note: String?

    private init(_ window: Double, _ period: Double, note: String? = nil) {
        self.window = Seconds(window)
        self.period = Seconds(period)
        self.note = note
    }

    private static let averaged = PowerWindow(1, 0.1)

    /// What a source means on a GPU; `nil` where that GPU does not have it.
    ///
    /// - Parameter driver: The first number of the driver's version; 0 where it is unknown.
    init?(_ source: Source, _ architecture: Architecture, driver: Int) {
        switch (source, architecture) {
        case (.averagePower, .ampere), (.averagePower, .ada), (.averagePower, .hopper), (.averagePower, .blackwell),
            (.averagePower, .unknown), (.modulePower, _):
            self = .averaged
        case (.powerUsage, .hopper), (.powerUsage, .blackwell): self = .averaged
        case (.powerUsage, .ampere), (.powerUsage, .ada):
            // For the one series of drivers 530, the reading was the instantaneous one.
            self = driver == 530 ? PowerWindow(0.1, 0.1) : .averaged
        case (.instantPower, .ampere), (.instantPower, .ada): self = PowerWindow(0.1, 0.1)
        case (.instantPower, .hopper), (.powerUsage, .ga100), (.instantPower, .ga100):
            self = PowerWindow(0.025, 0.1, note: "the sensor sees 25 ms of each 100 ms")
        case (.powerUsage, .turing), (.instantPower, .turing): self = PowerWindow(0.1, 0.1)
        case (.powerUsage, .volta), (.instantPower, .volta), (.powerUsage, .pascal), (.instantPower, .pascal):
            self = PowerWindow(0.01, 0.02)
        case (.powerUsage, .maxwell), (.powerUsage, .kepler), (.instantPower, .maxwell), (.instantPower, .kepler):
            self = PowerWindow(0.1, 0.1, note: "the sensor's filter is a slow one: its mean is not that of a window")
        case (.powerUsage, .unknown), (.instantPower, .unknown), (.instantPower, .blackwell):
            self = PowerWindow(0.1, 0.1, note: "its averaging window is not known; 100 ms is assumed")
        default: return nil
        }
    }
}
