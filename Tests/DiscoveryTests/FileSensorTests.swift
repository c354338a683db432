import Discovery
import Metering
import ProbeTestKit
import Testing

@Suite("Hardware monitors and power files in a run's total")
struct FileSensorTests {
    private func look(
        _ machine: TemporaryTree,
        powerFiles: [String] = [],
        _ probes: [String]? = nil,
        allGPUs: Bool = true
    ) throws -> Inventory {
        let inventory = try discover(
            SensorSelection(root: machine.root, probes: probes, replay: nil, powerFiles: powerFiles, allGPUs: allGPUs)
        )
        #expect(namingFaults(inventory.channels) == [])
        let opened = try inventory.open().flatMap { $0.probes.flatMap(\.channels) }
        #expect(opened == inventory.channels)
        return inventory
    }

    /// A machine with sensors, processor times and memory, so that a model is there too.
    private func machine(_ form: String) throws -> TemporaryTree {
        let tree = try TemporaryTree(copyOf: fixture("../../HwmonTests/Fixtures/" + form))
        try tree.write("/proc/stat", "cpu  1 0 0 9 0 0 0 0\ncpu0 1 0 0 9 0 0 0 0\n")
        try tree.write("/proc/meminfo", "MemTotal: 1000000 kB\n")
        return tree
    }

    @Test("Grace Hopper without another interface to its GPU: the module alone, its processor not twice")
    func graceHopper() throws {
        let inventory = try look(try machine("grace-hopper"))
        #expect(inventory.coverage == ["hwmon/power_meter/Module-Power-Socket-0"])
        #expect(inventory.scope == .components && inventory.warnings == [])
    }

    @Test("a Grace processor and a GPU that power files tell of are added; a module contains both")
    func graceAndGPU() throws {
        let files = try TemporaryTree()
        try files.write("/gpu0/energy_mj", "1\n")
        try files.write("/gpu0/uuid", "GPU-1\n")
        let apart = try look(try machine("grace-superchip"), powerFiles: [files.root])
        #expect(
            apart.coverage == [
                "powerfiles/gpu0", "hwmon/power_meter/Grace-Power-Socket-0", "hwmon/power_meter/Grace-Power-Socket-1",
            ]
        )
        let together = try look(try machine("grace-hopper"), powerFiles: [files.root])
        #expect(together.coverage == ["hwmon/power_meter/Module-Power-Socket-0"])
        try files.write("/module-0/energy_mj", "1\n")
        #expect(try look(try machine("grace-hopper"), powerFiles: [files.root]).coverage == ["powerfiles/module-0"])
    }

    @Test("AMD's GPUs are added to the processor's packages; the sockets of zenergy are the same packages")
    func amd() throws {
        let tree = try machine("mi250x")
        try tree.zone("intel-rapl:0", "package-0", range: 65_532_610_987)
        try tree.write("/sys/class/hwmon/hwmon11/name", "zenergy\n")
        try tree.write("/sys/class/hwmon/hwmon11/energy1_label", "Esocket0\n")
        try tree.write("/sys/class/hwmon/hwmon11/energy1_input", "5\n")
        let inventory = try look(tree)
        #expect(inventory.coverage.count == 5 && inventory.coverage.contains("powercap/package-0"))
        #expect(
            inventory.channels.first { $0.domain == "package" && !$0.inTotal }?.note
                == "the same counter as powercap/package-0"
        )
    }

    @Test("the whole of a POWER9 node stands alone")
    func power9() throws {
        let inventory = try look(try machine("power9"))
        #expect(inventory.coverage == ["hwmon/ibmpowernv/System"] && inventory.scope == .node)
    }

    @Test("a Jetson's module input covers its processor and its GPU", arguments: [("orin-nano", 1), ("agx-orin", 3)])
    func jetson(name: String, rails: Int) throws {
        let inventory = try look(try machine(name))
        #expect(inventory.coverage.count == rails && inventory.coverage.allSatisfy { $0.hasPrefix("hwmon/ina3221/") })
    }

    @Test("a server's power meter is slow: it serves alone, from a thread of its own, and not beside the packages")
    func server() throws {
        let tree = try machine("server")
        let alone = try look(tree)
        #expect(alone.coverage == ["hwmon/power_meter/node"] && alone.scope == .node)
        #expect(try alone.open().map(\.cadence) == [nil, 1_000_000_000])
        try tree.zone("intel-rapl:0", "package-0")
        let beside = try look(tree)
        #expect(beside.coverage == ["powercap/package-0"])
        #expect(!beside.channels.contains { $0.device == .node })
        #expect(try look(tree, ["power_meter"]).coverage == ["hwmon/power_meter/node"])
    }

    @Test("a processor among the power files is not added to its own counter")
    func processorFiles() throws {
        let tree = try machine("server")
        try tree.zone("intel-rapl:0", "package-0")
        try tree.write("/files/cpu0/energy_mj", "1\n")
        let files = [tree.root + "/files"]
        #expect(try look(tree, powerFiles: files).coverage == ["powerfiles/cpu0"])
        #expect(try look(tree, powerFiles: files, ["powercap"]).coverage == ["powercap/package-0"])
        try tree.write("/files/node/power_mw", "1\n")
        let whole = try look(tree, powerFiles: files)
        #expect(whole.coverage == ["powerfiles/node"] && whole.scope == .node)
    }

    @Test("directories that were named and are none are told; without any named there is nothing to tell")
    func fault() throws {
        let tree = try machine("server")
        let selection = SensorSelection(root: tree.root, replay: nil, powerFiles: ["/nowhere/files"])
        #expect(try discover(selection).powerFilesFault(selection)?.contains("/nowhere/files") == true)
        let none = SensorSelection(root: tree.root, replay: nil, powerFiles: [])
        #expect(try discover(none).powerFilesFault(none) == nil)
    }
}
