public import Metering
public import Quantities
import SystemPackage
import Tool

/// Whether the board's controller tells the node's power, through `ipmitool`.
public struct DCMISurvey: Sendable {
    /// How often it is asked: controllers renew their value every 1 to 10 s.
    public static let cadence = Seconds(1)

    /// Whether it can be asked.
    public let availability: Availability
    /// The node, where it can.
    public let channels: [Channel]
    /// What a reader should know, a sentence each.
    public let notes: [String]
    /// The tool's path.
    let tool: String

    /// Looks for the device below `root` and for the tool along `path`; asks once where both are there.
    public init(root: String = "/", path: String?) {
        let tree = FileTree(root: root)
        guard let device = Self.devices.first(where: { tree.exists($0) }) else {
            self.init(
                .absent(
                    reason: "there is no \(Self.devices[0]): no board controller, or no driver (modprobe ipmi_devintf)"
                )
            )
            return
        }
        guard let tool = Tool.find("ipmitool", along: path) else {
            self.init(.absent(reason: "\(device) is there, but ipmitool is not: install the package ipmitool"))
            return
        }
        do throws(Errno) {
            try Self.open(tree.path(device))
        } catch {
            self.init(
                error == .permissionDenied || error == .notPermitted
                    ? .denied(remedy: Self.remedy(device)) : .absent(reason: "\(device) does not open: \(error)")
            )
            return
        }
        var ipmitool = Tool(tool, Self.arguments)
        let end = ipmitool.run()
        guard end == .exited(0), let reading = DCMIReading(ipmitool.bytes.span.extracting(0..<ipmitool.length)) else {
            self.init(.absent(reason: "\(tool) gets no power from the controller: it may know no DCMI, or not answer"))
            return
        }
        guard reading.isActive, reading.watts > 0 else {
            self.init(.absent(reason: "the controller's power reading is not activated: switch it on in its settings"))
            return
        }
        self.init(.ready, channels: [Self.channel(reading, source: device)], notes: Self.notes(reading), tool: tool)
    }

    private init(_ availability: Availability, channels: [Channel] = [], notes: [String] = [], tool: String = "") {
        self.availability = availability
        self.channels = channels
        self.notes = notes
        self.tool = tool
    }

    /// Opens a device as the tool does, and closes it.
    private static func open(_ path: String) throws(Errno) {
        do {
            try unsafe FileDescriptor.open(path, .readWrite, options: [.closeOnExec, .nonBlocking]).close()
        } catch {
            throw error as? Errno ?? .ioError
        }
    }

    static let arguments = ["dcmi", "power", "reading"]
    private static let devices = ["/dev/ipmi0", "/dev/ipmi/0", "/dev/ipmidev/0"]
    /// A longer period is that of the controller's statistics, not of its present power.
    private static let longestPeriod: UInt64 = 60

    private static func channel(_ reading: DCMIReading, source: String) -> Channel {
        let isAverage = (1...longestPeriod).contains(reading.samplingPeriod)
        let window = isAverage ? Double(reading.samplingPeriod) : cadence.value
        return Channel(
            name: "dcmi/node",
            device: .node,
            domain: "node",
            kind: .power(wattsPerCount: 1, window: Seconds(window)),
            basis: .measured,
            inTotal: true,
            relativeUncertainty: 0.03,
            uncertaintySource: "type B, assumed for DCMI of a board's controller: 3 %",
            updatePeriod: Seconds(window),
            maximumPower: Watts(20_000),
            source: source,
            note: "coarse: whole watts of the board's controller",
            hardware: "dcmi/node"
        )
    }

    private static func notes(_ reading: DCMIReading) -> [String] {
        guard reading.samplingPeriod > longestPeriod else { return [] }
        return [
            "The controller's sampling period of \(reading.samplingPeriod) s is that of its statistics; 1 s is assumed."
        ]
    }

    private static func remedy(_ device: String) -> String {
        """
        run as root, or let a job's prolog ask as root; whoever opens \(device) may also switch the node off, so give a \
        group the right only where all its members may do that:
        sudo groupadd -f energy
        sudo usermod -aG energy "$USER"
        echo 'KERNEL=="ipmi*", GROUP="energy", MODE="0660"' | sudo tee /etc/udev/rules.d/70-ipmi.rules
        sudo udevadm control --reload
        sudo udevadm trigger --action=add --sysname-match='ipmi*'
        """
    }
}
