public import Metering
public import Quantities
import Tool

/// Whether likwid's access daemon tells the processors' power to a user without rights.
public struct LikwidSurvey: Sendable {
    /// How often it is asked.
    public static let cadence = Seconds(2)

    /// Whether it answers.
    public let availability: Availability
    /// The packages and their memory, where it does.
    public let channels: [Channel]
    /// The tool's path.
    let tool: String
    let domains: [LikwidReading.Domain]

    /// Looks for the tool along `path`, and asks it once.
    public init(path: String?) {
        guard let tool = Tool.find(Self.program, along: path) else {
            self.init(.absent(reason: "there is no \(Self.program) on the PATH: install likwid, or module load likwid"))
            return
        }
        var likwid = Tool(tool, Self.arguments)
        let end = likwid.run()
        var domains: [LikwidReading.Domain] = []
        var reading = LikwidReading()
        while let next = reading.next(in: likwid.bytes.span.extracting(0..<likwid.length)) {
            if next.milliwatts > 0, !domains.contains(next.domain) { domains.append(next.domain) }
        }
        switch end {
        case .exited(0) where domains.contains { !$0.isMemory }:
            self.init(.ready, tool: tool, domains: domains)
        case .timedOut:
            self.init(.absent(reason: "\(tool) did not answer within \(Tool.limit.value) s"))
        default:
            self.init(.denied(remedy: Self.remedy(tool)))
        }
    }

    private init(_ availability: Availability, tool: String = "", domains: [LikwidReading.Domain] = []) {
        self.availability = availability
        self.tool = tool
        self.domains = domains
        channels = domains.map { Self.channel($0, source: tool) }
    }

    static let program = "likwid-powermeter"
    /// Through the daemon (mode 1), over half a second.
    static let arguments = ["-M", "1", "-s", "500ms"]

    private static func remedy(_ tool: String) -> String {
        """
        \(tool) gave no power; it needs likwid's access daemon, installed with root's rights, and the msr driver. \
        As root, in likwid's folder:
        modprobe msr
        make install   # with ACCESSMODE = accessdaemon in config.mk: makes sbin/likwid-accessD setuid root
        """
    }

    private static func channel(_ domain: LikwidReading.Domain, source: String) -> Channel {
        let place = "package-\(domain.socket)" + (domain.isMemory ? "/dram" : "")
        return Channel(
            name: "likwid/" + place,
            device: domain.isMemory ? .memory : .cpu,
            domain: domain.isMemory ? "dram" : "package",
            // The reading's stamp is the middle of the call, and that of its half second: nothing is to be shifted.
            kind: .power(wattsPerCount: 1e-3, window: Seconds(0)),
            basis: .measured,
            inTotal: true,
            relativeUncertainty: domain.isMemory ? 0.05 : 0.03,
            uncertaintySource: domain.isMemory
                ? "type B, assumed for RAPL dram: 5 %" : "type B, assumed for RAPL packages: 3 %",
            updatePeriod: cadence,
            maximumPower: Watts(1000),
            source: source,
            note: "coarse: half a second in two, through likwid's access daemon",
            hardware: "rapl/" + place
        )
    }
}
