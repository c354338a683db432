import Discovery
import Metering
import ProbeTestKit
import Testing

@Suite("Whole nodes and coarse sources among the others")
struct CoarseTests {
    private static let battery = "/sys/class/power_supply/BAT0"

    private func machine() throws -> TemporaryTree {
        let tree = try TemporaryTree()
        try tree.write("/proc/stat", "cpu  1 0 0 9 0 0 0 0\ncpu0 1 0 0 9 0 0 0 0\n")
        try tree.write(Self.battery + "/type", "Battery\n")
        try tree.write(Self.battery + "/status", "Discharging\n")
        try tree.write(Self.battery + "/power_now", "12000000\n")
        return tree
    }

    private func look(_ tree: TemporaryTree, _ probes: [String]? = nil, meter: String? = nil) throws -> Inventory {
        let inventory = try discover(
            SensorSelection(root: tree.root, probes: probes, replay: nil, meterCommand: meter)
        )
        #expect(inventory.isEmpty || namingFaults(inventory.channels) == [])
        return inventory
    }

    private func reason(_ name: String, _ inventory: Inventory) -> String? {
        guard let found = inventory.interfaces.first(where: { $0.name == name }),
            case .absent(let reason) = found.availability
        else { return nil }
        return reason
    }

    @Test("a battery makes the total before any model, and is left unread beside a sensor unless it was named")
    func battery() throws {
        let tree = try machine()
        let alone = try look(tree)
        #expect(alone.coverage == ["battery/BAT0"] && alone.scope == .node)
        #expect(try alone.open().map(\.cadence) == [nil, 1_000_000_000], "it has a thread of its own")
        try tree.zone("intel-rapl:0", "package-0")
        #expect(!(try look(tree)).channels.contains { $0.name == "battery/BAT0" })
        let named = try look(tree, ["powercap", "battery"])
        #expect(named.coverage == ["powercap/package-0"])
        #expect(named.channels.contains { $0.name == "battery/BAT0" && !$0.inTotal })
    }

    @Test("a Cray node's counter stands alone, and contains what other sensors see; the user's meter goes before it")
    func node() throws {
        let tree = try machine()
        try tree.zone("intel-rapl:0", "package-0")
        try tree.write("/sys/cray/pm_counters/energy", "100 J 1 us\n")
        try tree.write("/sys/cray/pm_counters/cpu_energy", "50 J 1 us\n")
        let inventory = try look(tree)
        #expect(inventory.coverage == ["cray/node"] && inventory.scope == .node)
        #expect(inventory.channels.first { $0.name == "powercap/package-0" }?.containedIn == "cray/node")
        let metered = try look(tree, meter: "echo 5 W")
        #expect(metered.coverage == ["meter/command"] && metered.scope == .node)
        #expect(try look(tree, ["powercap"], meter: "echo 5 W").coverage == ["meter/command"])
    }

    @Test("a meter that gives no reading is an error; one that was not named is absent")
    func meter() throws {
        let tree = try machine()
        let error = #expect(throws: DiscoveryError.self) { try look(tree, meter: "echo warm") }
        #expect(error?.description.contains("echo warm") == true)
        #expect(reason("meter", try look(tree, ["meter"]))?.contains("--meter-command") == true)
    }

    @Test("other makers' programs are not asked where something finer is, nor for another machine's files")
    func unasked() throws {
        let tree = try machine()
        let inventory = try look(tree)
        #expect(reason("dcmi", inventory)?.contains("/dev/ipmi0") == true, "looked for: nothing came before it")
        for name in ["likwid", "slurm"] { #expect(reason(name, inventory)?.contains("below") == true) }
        try tree.zone("intel-rapl:0", "package-0")
        #expect(reason("dcmi", try look(tree))?.contains("not asked, since powercap") == true)
        #expect(reason("dcmi", try look(tree, ["powercap", "dcmi"]))?.contains("/dev/ipmi0") == true)
    }

    @Test("where there is none of them, to find that out costs less than a millisecond")
    func cost() throws {
        let tree = try TemporaryTree()
        let names = ["cray", "dcmi", "battery", "likwid", "slurm"]
        for root in ["/", tree.root] {
            let selection = SensorSelection(root: root, probes: names, replay: nil)
            let inventory = try discover(selection)
            guard inventory.interfaces.allSatisfy({ if case .absent = $0.availability { true } else { false } }) else {
                continue
            }
            let start = threadCPUTime()
            for _ in 0..<50 { _ = try discover(selection) }
            #expect(threadCPUTime() - start < 50 * 1_000_000)
        }
    }
}
