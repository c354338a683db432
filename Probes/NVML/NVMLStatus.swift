/// What NVML answers a call with (`nvmlReturn_t`).
struct NVMLStatus: Error, Hashable, Sendable, CustomStringConvertible {
    let code: Int32

    static let success = NVMLStatus(code: 0)
    static let invalidArgument = NVMLStatus(code: 2)
    static let notSupported = NVMLStatus(code: 3)
    static let noPermission = NVMLStatus(code: 4)
    static let notFound = NVMLStatus(code: 6)
    static let driverNotLoaded = NVMLStatus(code: 9)
    static let timeout = NVMLStatus(code: 10)
    static let functionNotFound = NVMLStatus(code: 13)
    static let gpuIsLost = NVMLStatus(code: 15)
    static let resetRequired = NVMLStatus(code: 16)
    static let operatingSystem = NVMLStatus(code: 17)
    static let versionMismatch = NVMLStatus(code: 18)
    static let noData = NVMLStatus(code: 21)
    static let notReady = NVMLStatus(code: 27)
    static let unknown = NVMLStatus(code: 999)

    /// Whether a user or group with more rights, or another control group, would get an answer.
    var isDenial: Bool { self == .noPermission || self == .operatingSystem }

    /// Whether the same call may well succeed a moment later.
    var isPassing: Bool { [.timeout, .noData, .notReady, .unknown].contains(self) }

    var description: String {
        switch self {
        case .success: "no error"
        case .invalidArgument: "invalid argument (NVML 2)"
        case .notSupported: "not supported (NVML 3)"
        case .noPermission: "no permission (NVML 4)"
        case .driverNotLoaded: "the driver is not loaded (NVML 9)"
        case .functionNotFound: "the library lacks the function (NVML 13)"
        case .gpuIsLost: "the GPU is lost (NVML 15)"
        case .resetRequired: "the GPU must be reset (NVML 16)"
        case .operatingSystem: "the operating system denies it (NVML 17)"
        case .versionMismatch: "driver and library are of two versions (NVML 18)"
        case .noData: "no data (NVML 21)"
        default: "NVML \(code)"
        }
    }
}
