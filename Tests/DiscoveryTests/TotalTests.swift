import Metering
import ProbeTestKit
import Quantities
import Testing

@testable import Discovery

@Suite("What a total adds up")
struct TotalTests {
    private func channel(_ name: String, _ device: Device, _ domain: String = "", hardware: String? = nil) -> Channel {
        Channel(
            name: name,
            device: device,
            domain: domain,
            kind: .energyCounter(joulesPerCount: 1e-6, range: nil),
            basis: name.hasPrefix("model") ? .modelled : .measured,
            inTotal: true,
            relativeUncertainty: 0.05,
            uncertaintySource: "test",
            updatePeriod: Seconds(0.001),
            source: "/" + name,
            hardware: hardware
        )
    }

    private func interface(_ standing: Interface.Standing, _ channels: [Channel]) -> Interface {
        let name = channels.first.map { String($0.name.prefix { $0 != "/" }) } ?? "none"
        return Interface(name: name, standing: standing, availability: .ready, channels: channels) { _ in ProbeBox() }
    }

    private func inventory(_ interfaces: [Interface], addsModel: Bool = false, named: [String] = []) -> Inventory {
        var inventory = Inventory(interfaces: interfaces)
        for i in interfaces.indices { inventory.interfaces[i].isNamed = named.contains(interfaces[i].name) }
        inventory.decideTotal(addsModel: addsModel)
        inventory.leaveOutUnneeded()
        #expect(namingFaults(inventory.channels) == [])
        return inventory
    }

    private var gpu: Interface { interface(.sensor, [channel("nvml/GPU-1", .gpu, "gpu")]) }
    private var package: Interface { interface(.sensor, [channel("powercap/package-0", .cpu, "package")]) }
    private var model: Interface {
        interface(.model, [channel("model/cpu", .cpu), channel("model/memory", .memory)])
    }

    @Test("one counter that two interfaces read is counted by the first, whatever else each of them has")
    func twins() {
        let perf = interface(.sensor, [channel("perf/package-0", .cpu, "package", hardware: "rapl/package-0")])
        let powercap = interface(
            .sensor,
            [
                channel("powercap/package-0", .cpu, "package", hardware: "rapl/package-0"),
                channel("powercap/package-0/dram", .memory, "dram", hardware: "rapl/package-0/dram"),
            ]
        )
        let both = inventory([perf, powercap])
        #expect(both.coverage == ["perf/package-0", "powercap/package-0/dram"])
        #expect(both.channels.first { $0.name == "powercap/package-0" }?.note == "the same counter as perf/package-0")
    }

    @Test("the platform's sensor of one interface is not added to the packages of another")
    func platform() {
        let psys = interface(.sensor, [channel("perf/psys", .platform, "psys", hardware: "rapl/psys")])
        #expect(inventory([psys, package]).coverage == ["powercap/package-0"])
    }

    @Test("packages and GPUs are added; the model beside them is not")
    func parts() {
        let all = inventory([package, gpu, model])
        #expect(all.coverage == ["powercap/package-0", "nvml/GPU-1"])
        #expect(all.scope == .components && all.warnings.isEmpty)
    }

    @Test("a GPU without a sensor of the processor is measured alone, and the total says what it lacks")
    func lonelyGPU() {
        let alone = inventory([gpu, model])
        #expect(alone.coverage == ["nvml/GPU-1"])
        #expect(alone.warnings.count == 1 && alone.warnings[0].contains("--add-model"))
        let mixed = inventory([gpu, model], addsModel: true)
        #expect(mixed.coverage == ["nvml/GPU-1", "model/cpu", "model/memory"])
        let memory = interface(.sensor, [channel("powercap/package-0/dram", .memory, "dram")])
        #expect(
            inventory([memory, gpu, model], addsModel: true).coverage
                == ["powercap/package-0/dram", "nvml/GPU-1", "model/cpu"]
        )
    }

    @Test("a counter of the whole node stands alone and contains the parts")
    func node() {
        let cray = interface(
            .node,
            [channel("cray/node", .node, "node"), channel("cray/cpu", .cpu, "cpu")]
        )
        var whole = Inventory(interfaces: [package, gpu, cray, model])
        whole.interfaces[2].channels[1].inTotal = false
        whole.decideTotal(addsModel: false)
        #expect(whole.coverage == ["cray/node"] && whole.scope == .node)
        #expect(whole.channels.filter { $0.containedIn == "cray/node" }.count == 3)
    }

    @Test("a meter that was named for the run goes before everything")
    func chosen() {
        let plug = interface(.chosen, [channel("meter/plug", .node, "node")])
        #expect(inventory([plug, interface(.node, [channel("cray/node", .node, "node")])]).coverage == ["meter/plug"])
    }

    @Test("what is coarse serves only where nothing fine covers the processor, and is not even read elsewhere")
    func coarse() {
        let board = interface(.coarse, [channel("dcmi/node", .node, "node")])
        #expect(
            inventory([package, board, model]).channels.map(\.name) == [
                "powercap/package-0", "model/cpu", "model/memory",
            ]
        )
        #expect(inventory([package, board], named: ["dcmi"]).channels.count == 2)
        #expect(inventory([gpu, board, model]).coverage == ["dcmi/node"])
        #expect(inventory([gpu, board, model]).channels.first { $0.device == .gpu }?.containedIn == "dcmi/node")
        let step = interface(.coarse, [channel("slurm/step", .cpu, "package")])
        let memory = interface(.sensor, [channel("powercap/package-0/dram", .memory, "dram")])
        #expect(inventory([gpu, memory, step, model]).coverage == ["nvml/GPU-1", "slurm/step"])
    }

    @Test("a module's sensor contains its processor and its GPU")
    func module() {
        let grace = interface(
            .sensor,
            [channel("hwmon/module-0", .platform, "module"), channel("hwmon/grace-0", .cpu, "grace")]
        )
        #expect(inventory([grace, gpu]).coverage == ["hwmon/module-0"])
        let same = interface(.sensor, [channel("nvml/GPU-1/power", .gpu, "module", hardware: "gpu/GPU-1")])
        #expect(inventory([grace, same]).coverage == ["hwmon/module-0"])
        #expect(inventory([same]).coverage == ["nvml/GPU-1/power"])
    }

    @Test(
        "a GPU that two interfaces know by its uuid counts once; one without may be any of the others, and is left out"
    )
    func oneGPU() {
        func files(_ hardware: String?) -> Interface {
            interface(.sensor, [channel("powerfiles/gpu0", .gpu, "gpu", hardware: hardware)])
        }
        let nvml = interface(.sensor, [channel("nvml/GPU-1", .gpu, "gpu", hardware: "gpu/GPU-1")])
        #expect(inventory([files("gpu/GPU-1"), package, nvml]).coverage == ["powerfiles/gpu0", "powercap/package-0"])
        #expect(inventory([files("gpu/GPU-2"), package, nvml]).coverage.count == 3)
        let unnamed = inventory([files(nil), package, nvml])
        #expect(unnamed.coverage == ["powercap/package-0", "nvml/GPU-1"])
        #expect(unnamed.warnings.count == 1 && unnamed.warnings[0].contains("powerfiles/gpu0 may be"))
        #expect(inventory([files(nil), package]).coverage == ["powerfiles/gpu0", "powercap/package-0"])
    }

    @Test("what one interface has beside its own counter of the node is in it")
    func partsOfOne() {
        let hwmon = interface(
            .node,
            [channel("hwmon/System", .node, "node"), channel("hwmon/amdgpu", .gpu, "gpu", hardware: "gpu/1")]
        )
        let whole = inventory([hwmon])
        #expect(whole.coverage == ["hwmon/System"])
        #expect(whole.channels[1].containedIn == "hwmon/System")
    }

    @Test("a Cray's counters of processors and memory without that of the node are not added to the same packages")
    func crayParts() {
        let cray = interface(
            .sensor,
            [
                channel("cray/cpu", .cpu, "cpu", hardware: "cray/cpu"),
                channel("cray/memory", .memory, "memory", hardware: "cray/memory"),
            ]
        )
        #expect(inventory([cray]).coverage == ["cray/cpu", "cray/memory"])
        #expect(inventory([cray, package]).coverage == ["cray/memory", "powercap/package-0"])
        let memory = interface(.sensor, [channel("perf/package-0/dram", .memory, "dram")])
        #expect(inventory([cray, memory]).coverage == ["cray/cpu", "perf/package-0/dram"])
    }

    @Test("a package whose dies count for themselves is the same package to an interface that sees it whole")
    func dies() {
        let dies = interface(
            .sensor,
            ["package-0-die-0", "package-0-die-1", "package-1-die-0"].map {
                channel("powercap/" + $0, .cpu, "package", hardware: "rapl/" + $0)
            }
        )
        let file = interface(.sensor, [channel("powerfiles/cpu0", .cpu, "package", hardware: "rapl/package-0")])
        #expect(inventory([dies, file]).coverage == dies.channels.map(\.name))
        #expect(inventory([file, dies]).coverage == ["powerfiles/cpu0", "powercap/package-1-die-0"])
    }

    @Test("a coarse word of the packages does not take the platform's counter out of the total")
    func coarsePackage() {
        let psys = interface(.sensor, [channel("powercap/psys", .platform, "psys", hardware: "rapl/psys")])
        let likwid = interface(.coarse, [channel("likwid/package-0", .cpu, "package", hardware: "rapl/package-0")])
        #expect(inventory([psys, likwid]).coverage == ["powercap/psys"])
    }

    @Test("an interface that may not be read is missed only where nothing that is read tells as much")
    func missed() {
        func denied(_ name: String, _ standing: Interface.Standing = .sensor) -> Interface {
            Interface(name: name, standing: standing, availability: .denied(remedy: "sudo"), channels: []) { _ in
                ProbeBox()
            }
        }
        let perf = interface(.sensor, [channel("perf/package-0", .cpu, "package", hardware: "rapl/package-0")])
        let cray = interface(.node, [channel("cray/node", .node, "node")])
        let board = interface(.coarse, [channel("dcmi/node", .node, "node")])
        #expect(inventory([perf, denied("powercap"), denied("dcmi", .coarse)]).warnings == [])
        #expect(inventory([cray, denied("powercap"), denied("nvml")]).warnings == [])
        #expect(inventory([perf, denied("nvml")]).warnings.count == 1)
        #expect(inventory([board, denied("powercap")]).warnings.count == 1)
        #expect(inventory([denied("powercap"), model]).warnings.count == 1)
    }
}
