import Discovery
import Metering
import ProbeTestKit
import Testing

@Suite("Choosing what a run reads and adds up")
struct DiscoveryTests {
    /// A machine with processor times, and no sensor yet.
    private func machine() throws -> TemporaryTree {
        let tree = try TemporaryTree()
        try tree.write("/proc/stat", "cpu  1 0 0 9 0 0 0 0\ncpu0 1 0 0 9 0 0 0 0\n")
        try tree.write("/proc/meminfo", "MemTotal: 1000000 kB\n")
        return tree
    }

    private func recording(_ tree: TemporaryTree) throws -> String {
        try tree.write(
            "/load.trace",
            "channel name=package device=cpu joules_per_count=1 in_total=true\n0 1\n1 2\n"
        )
        return "replay:" + tree.root + "/load.trace"
    }

    private func look(_ tree: TemporaryTree, _ probes: [String]? = nil, powerModel: Bool = true) throws -> Inventory {
        try discover(SensorSelection(root: tree.root, probes: probes, powerModel: powerModel, replay: nil))
    }

    /// The channels that the opened probes hand to the sampler say the same as the inventory.
    private func expectOpened(_ inventory: Inventory) throws {
        let opened = try inventory.open().flatMap { $0.probes.flatMap(\.channels) }
        #expect(opened == inventory.channels)
        #expect(namingFaults(opened) == [])
    }

    @Test("without a sensor the model makes the total")
    func modelAlone() throws {
        let tree = try machine()
        let inventory = try look(tree)
        #expect(inventory.coverage == ["model/cpu", "model/memory"])
        #expect(inventory.channels.allSatisfy { $0.basis == .modelled })
        #expect(inventory.warnings == [])
        try expectOpened(inventory)
    }

    @Test("beside a sensor of the CPU the model is shown and not added")
    func sensorAndModel() throws {
        let tree = try machine()
        try tree.zone("intel-rapl:0", "package-0")
        try tree.zone("intel-rapl:0:0", "dram")
        let inventory = try look(tree)
        #expect(inventory.coverage == ["powercap/package-0", "powercap/package-0/dram"])
        #expect(inventory.channels.map(\.name).suffix(2) == ["model/cpu", "model/memory"])
        try expectOpened(inventory)
    }

    @Test("a sensor of the memory alone does not mix with the modelled CPU, nor count the memory twice")
    func memorySensor() throws {
        let tree = try machine()
        try tree.zone("intel-rapl:0", "package-0", energy: nil)
        try tree.zone("intel-rapl:0:0", "dram")
        let inventory = try look(tree)
        #expect(inventory.coverage == ["model/cpu", "model/memory"])
        #expect(inventory.channels.contains { $0.name == "powercap/package-0/dram" && !$0.inTotal })
        try expectOpened(inventory)
        #expect(try look(tree, powerModel: false).coverage == ["powercap/package-0/dram"])
    }

    @Test("the platform's sensor covers the CPU: nothing modelled is added")
    func platform() throws {
        let tree = try machine()
        try tree.zone("intel-rapl:0", "psys")
        #expect(try look(tree).coverage == ["powercap/psys"])
    }

    /// A unit of perf events that counts nanoseconds, which need no sensor; it opens for root alone.
    @Test("perf events come before powercap, under the same domains")
    func perfEvents() throws {
        let tree = try machine()
        let unit = "/sys/bus/event_source/devices/power"
        for (file, text) in [
            ("type", "1"), ("cpumask", "0"), ("events/energy-pkg", "event=0x00"),
            ("events/energy-pkg.unit", "Joules"), ("events/energy-pkg.scale", "1e-9"),
        ] {
            try tree.write("\(unit)/\(file)", text + "\n")
        }
        try tree.write("/sys/devices/system/cpu/cpu0/topology/physical_package_id", "0\n")
        try tree.zone("intel-rapl:0", "package-0")
        let inventory = try look(tree, ["perf", "model"])
        #expect(inventory.interfaces.map(\.name) == ["perf", "model"])
        if case .denied = inventory.interfaces[0].availability {
            #expect(inventory.coverage == ["model/cpu", "model/memory"])
            try Test.cancel("this user may not count events of whole processors")
        }
        #expect(inventory.coverage == ["perf/package-0"])
        try expectOpened(inventory)
        #expect(try look(tree).coverage == ["perf/package-0"])
        #expect(try look(tree, ["powercap"]).coverage == ["powercap/package-0"])
    }

    @Test("a denied sensor leaves the total to the model, with a warning", .enabled(if: canBeUnprivileged))
    func denied() throws {
        let tree = try machine()
        tree.mode(try tree.zone("intel-rapl:0", "package-0") + "/energy_uj", 0)
        let inventory = try asNobody { try look(tree) }
        #expect(inventory.coverage == ["model/cpu", "model/memory"])
        #expect(inventory.warnings.count == 1)
        #expect(inventory.warnings.first?.contains("powercap may not be read") == true)
        try expectOpened(inventory)
    }

    @Test("a package that cannot be read is a warning of every run", .enabled(if: canBeUnprivileged))
    func partlyDenied() throws {
        let tree = try machine()
        tree.mode(try tree.zone("intel-rapl:0", "package-0") + "/energy_uj", 0)
        try tree.zone("intel-rapl:1", "package-1")
        let inventory = try asNobody { try look(tree) }
        #expect(inventory.coverage == ["powercap/package-1"])
        #expect(inventory.warnings.count == 1)
    }

    @Test("nothing at all is an empty inventory, not an error")
    func nothing() throws {
        let tree = try TemporaryTree()
        let inventory = try look(tree)
        #expect(inventory.isEmpty && inventory.coverage == [])
        // PAPI reads this machine, whatever tree stands in for it; a meter is there where it was named.
        #expect(
            inventory.interfaces.map(\.name) + ["replay:FILE"] == probeNames.filter { $0 != "papi" && $0 != "meter" }
        )
        #expect(try inventory.open().isEmpty)
    }

    @Test("without leave to model there is none; asked for by name it is there")
    func names() throws {
        let tree = try machine()
        #expect(try look(tree, powerModel: false).isEmpty)
        #expect(try look(tree, ["model"], powerModel: false).coverage == ["model/cpu", "model/memory"])
        #expect(try look(tree, ["powercap"]).isEmpty)
    }

    @Test("what was named and is absent is told in every run; what nobody named is not")
    func namedAndAbsent() throws {
        let tree = try machine()
        try tree.zone("intel-rapl:0", "package-0")
        let named = try look(tree, ["powercap", "cray"]).warnings
        #expect(named.count == 1 && named[0].hasPrefix("cray is absent: there is no /sys/cray/pm_counters"))
        #expect(try look(tree).warnings == [])
    }

    @Test("a model that is to be added need not be named beside the sensors")
    func addedModel() throws {
        let tree = try machine()
        for (file, text) in [("name", "amdgpu"), ("power1_average", "5000000")] {
            try tree.write("/sys/class/hwmon/hwmon0/\(file)", text + "\n")
        }
        func coverage(_ adds: Bool) throws -> Int {
            try discover(
                SensorSelection(root: tree.root, probes: ["hwmon"], addsModel: adds, replay: nil, allGPUs: true)
            ).coverage.count
        }
        #expect(try coverage(false) == 1)
        #expect(try coverage(true) == 3)
    }

    @Test("a name that is none is refused with those that are", arguments: ["rapl", "replay", "replay:", ""])
    func unknown(name: String) throws {
        let error = #expect(throws: DiscoveryError.self) {
            try discover(SensorSelection(root: "/nowhere", probes: [name], replay: nil))
        }
        #expect(error?.description.contains("model, replay:FILE") == true)
    }

    @Test("a recording plays alone unless others are named")
    func recordingAlone() throws {
        let tree = try machine()
        try tree.zone("intel-rapl:0", "package-0")
        let path = String(try recording(tree).dropFirst("replay:".count))
        let inventory = try discover(SensorSelection(root: tree.root, replay: path))
        #expect(inventory.channels.map(\.name) == ["replay/package"])
        #expect(inventory.channels.map(\.basis) == [.modelled])
        try expectOpened(inventory)
    }

    @Test("of a sensor, a recording and the model, only the first that there is makes the total")
    func neverMixed() throws {
        let tree = try machine()
        let replay = try recording(tree)
        #expect(try look(tree, [replay, "model"]).coverage == ["replay/package"])
        try tree.zone("intel-rapl:0", "package-0")
        let all = try look(tree, ["powercap", replay, "model"])
        #expect(all.coverage == ["powercap/package-0"])
        #expect(all.channels.count == 4)
        try expectOpened(all)
    }

    @Test("a recording that cannot be read is absent and named")
    func noRecording() throws {
        let inventory = try discover(SensorSelection(root: "/nowhere", replay: "/nowhere/load.trace"))
        guard case .absent(let reason) = inventory.interfaces[0].availability else {
            Issue.record("not absent")
            return
        }
        #expect(reason.contains("/nowhere/load.trace"))
        #expect(inventory.isEmpty)
    }
}
