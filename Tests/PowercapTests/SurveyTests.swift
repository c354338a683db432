import Metering
import Powercap
import ProbeTestKit
import Quantities
import Testing

@Suite("What a powercap tree offers")
struct SurveyTests {
    private func channels(_ name: String) throws -> [Channel] {
        let survey = PowercapSurvey(root: fixture(name))
        #expect(survey.availability == .ready)
        #expect(namingFaults(survey.channels) == [])
        return survey.channels
    }

    private func total(_ channels: [Channel]) -> [String] { channels.filter(\.inTotal).map(\.name) }

    @Test("a server: packages and their memory, with the platform between them and never added")
    func server() throws {
        let channels = try channels("server")
        #expect(
            channels.map(\.name) == [
                "powercap/package-0", "powercap/package-0/dram", "powercap/psys", "powercap/package-1",
                "powercap/package-1/dram",
            ]
        )
        #expect(
            total(channels) == [
                "powercap/package-0", "powercap/package-0/dram", "powercap/package-1", "powercap/package-1/dram",
            ]
        )
        #expect(channels.map(\.device) == [.cpu, .memory, .platform, .cpu, .memory])
        // The memory's zone lies under the package; its energy does not.
        #expect(channels[1].containedIn == "powercap/psys")
        #expect(channels[0].containedIn == "powercap/psys" && channels[2].containedIn == nil)
        #expect(channels[1].kind == .energyCounter(joulesPerCount: 1e-6, range: 65_712_999_613))
        #expect(channels[1].note == nil, "a server's memory is measured, though it has a platform domain")
        #expect(channels.map(\.relativeUncertainty) == [0.03, 0.05, 0.05, 0.03, 0.05])
        #expect(channels[3].source == "/sys/class/powercap/intel-rapl/intel-rapl:2/energy_uj")
    }

    @Test("psys, package, mapped memory and core in one tree: package and memory are the total")
    func laptop() throws {
        let survey = PowercapSurvey(root: fixture("laptop"))
        let channels = try channels("laptop")
        #expect(total(channels) == ["powercap/package-0", "powercap/package-0/dram"])
        #expect(channels.count == 5)
        let byName = Dictionary(uniqueKeysWithValues: channels.map { ($0.name, $0) })
        #expect(byName["powercap/package-0/core"]?.containedIn == "powercap/package-0")
        #expect(byName["powercap/package-0/uncore"]?.containedIn == "powercap/package-0")
        #expect(byName["powercap/package-0/core"]?.note == nil)
        #expect(byName["powercap/package-0/dram"]?.note == "on-chip estimate")
        #expect(survey.notes.count { $0.contains("memory-mapped view") } == 2)
        #expect(survey.warnings == [])
    }

    @Test("AMD: core is one core and never in the total; there is no memory")
    func amd() throws {
        let channels = try channels("amd")
        #expect(total(channels) == ["powercap/package-0", "powercap/package-1"])
        let cores = channels.filter { $0.domain == "core" }
        #expect(cores.map(\.note) == ["one core only; on-chip estimate", "one core only; on-chip estimate"])
        #expect(cores.map(\.containedIn) == ["powercap/package-0", "powercap/package-1"])
    }

    @Test("what the chip estimates says so, and is less certain: AMD, Intel before Haswell, memory of client parts")
    func estimates() throws {
        let meter = try channels("server")
        #expect(meter.filter { $0.domain == "package" || $0.domain == "dram" }.allSatisfy { $0.note == nil })
        let ivyBridge = try channels("ivy-bridge")
        #expect(ivyBridge.count == 6 && total(ivyBridge).count == 4)
        for channel in try channels("amd") + ivyBridge {
            #expect(channel.note?.contains("on-chip estimate") == true, "\(channel.name)")
            #expect(channel.relativeUncertainty > meter[1].relativeUncertainty)
            #expect(channel.uncertaintySource.contains("type B") && channel.uncertaintySource.contains(" et al."))
            #expect(channel.basis == .measured, "not computed by this program")
        }
        let haswell = try channels("haswell-laptop")
        #expect(haswell.map(\.domain) == ["package", "core", "uncore", "dram"])
        #expect(haswell.map(\.note) == [nil, nil, nil, "on-chip estimate"])
        #expect(haswell[3].relativeUncertainty > meter[1].relativeUncertainty)
        #expect(haswell[0].relativeUncertainty == meter[0].relativeUncertainty)
        #expect(haswell[0].kind == .energyCounter(joulesPerCount: 1e-6, range: 262_143_999_938))
    }

    @Test("every model of Sandy and Ivy Bridge estimates; Haswell and what is not Intel's family 6 does not")
    func models() throws {
        let tree = try TemporaryTree()
        try tree.zone("intel-rapl:0", "package-0")
        func note(_ family: Int, _ model: Int, _ vendor: String = "GenuineIntel") throws -> String? {
            try tree.write(
                "/proc/cpuinfo",
                "vendor_id\t: \(vendor)\ncpu family\t: \(family)\nmodel\t\t: \(model)\nmodel name\t: X 1\n"
            )
            return PowercapSurvey(root: tree.root).channels.first?.note
        }
        for model in [0x2A, 0x2D, 0x3A, 0x3E] { #expect(try note(6, model) == "on-chip estimate") }
        for model in [0x3C, 0x3F, 0x45, 0x55, 0x8F] { #expect(try note(6, model) == nil) }
        #expect(try note(15, 0x2A) == nil)
        #expect(try note(24, 0, "HygonGenuine") == "on-chip estimate")
    }

    @Test("the class view alone, flat, and the devices alone, nested, tell the same")
    func views() throws {
        for name in ["server", "laptop", "amd", "haswell-laptop", "ivy-bridge", "dies"] {
            let survey = PowercapSurvey(root: fixture(name))
            let source = FileTree(root: fixture(name))
            let (flat, nested) = (try TemporaryTree(), try TemporaryTree())
            for tree in [flat, nested] { try tree.write("/proc/cpuinfo", source.text("/proc/cpuinfo")) }
            for channel in survey.channels {
                let folder = channel.source.split(separator: "/").dropLast().joined(separator: "/")
                let id = String(folder.split(separator: "/").last ?? "")
                let zone = try #require(source.line("/\(folder)/name"))
                let range = UInt64(try #require(source.line("/\(folder)/max_energy_range_uj")))
                try nested.zone(id, zone, range: range)
                let place = "/sys/class/powercap/\(id)"
                try flat.write(place + "/name", zone + "\n")
                try flat.write(place + "/max_energy_range_uj", "\(range ?? 0)\n")
                try flat.write(place + "/energy_uj", "5\n")
            }
            nested.remove("/sys/class")
            for tree in [flat, nested] {
                var channels = PowercapSurvey(root: tree.root).channels
                for i in channels.indices { channels[i].source = survey.channels[i].source }
                #expect(channels == survey.channels, "\(name)")
            }
        }
    }

    @Test("AMD is known by its range where the tree has no cpuinfo")
    func amdWithoutProcessorInformation() throws {
        let tree = try TemporaryTree()
        try tree.zone("intel-rapl:0", "package-0", range: 65_532_610_987)
        try tree.zone("intel-rapl:0:0", "core", range: 65_532_610_987)
        #expect(PowercapSurvey(root: tree.root).channels.last?.note == "one core only; on-chip estimate")
    }

    @Test("dies are packages of their own, in a tree without links")
    func dies() throws {
        let channels = try channels("dies")
        #expect(total(channels).count == 8)
        #expect(channels[2].name == "powercap/package-0-die-1" && channels[2].domain == "package")
        #expect(channels[3].name == "powercap/package-0-die-1/dram")
    }

    @Test("indices of two digits stand in the order of numbers")
    func manySockets() throws {
        let tree = try TemporaryTree()
        for socket in 0..<12 { try tree.zone("intel-rapl:\(socket)", "package-\(socket)") }
        #expect(PowercapSurvey(root: tree.root).channels.map(\.name) == (0..<12).map { "powercap/package-\($0)" })
    }

    @Test("the folder of devices serves where the class folder shows nothing")
    func devicesAlone() throws {
        let tree = try TemporaryTree()
        try tree.zone("intel-rapl:0", "package-0")
        try tree.zone("intel-rapl:0:0", "dram")
        let both = PowercapSurvey(root: tree.root).channels
        tree.remove("/sys/class")
        let devices = PowercapSurvey(root: tree.root)
        #expect(devices.channels.map(\.name) == both.map(\.name))
        #expect(devices.channels.map(\.inTotal) == [true, true])
    }

    @Test("control types without energy counters, or with domains that nobody has compared, are never added")
    func otherControls() throws {
        let channels = try channels("other-controls")
        #expect(channels.map(\.name) == ["powercap/arm-scmi/soc"])
        #expect(channels[0].inTotal == false && channels[0].device == .other)
    }

    @Test("a second zone of one name is left out, and said")
    func duplicates() throws {
        let tree = try TemporaryTree()
        try tree.zone("intel-rapl:0", "package-0", energy: 7)
        try tree.zone("intel-rapl:1", "package-0", energy: 7)
        let survey = PowercapSurvey(root: tree.root)
        #expect(survey.channels.map(\.name) == ["powercap/package-0"])
        #expect(survey.notes.contains { $0.contains("intel-rapl:1") && $0.contains("left out") })
    }

    @Test("the mapped view counts where the registers cannot be read, under a name of its own")
    func mappedAlone() throws {
        let tree = try TemporaryTree()
        try tree.zone("intel-rapl:0", "package-0", energy: nil)
        try tree.zone("intel-rapl-mmio:0", "package-0")
        try tree.zone("intel-rapl-mmio:0:0", "core")
        let channels = PowercapSurvey(root: tree.root).channels
        #expect(total(channels) == ["powercap/package-0@intel-rapl-mmio:0"])
        #expect(channels.last?.containedIn == "powercap/package-0@intel-rapl-mmio:0")
        #expect(namingFaults(channels) == [])
    }

    @Test("the platform is the total only where no package can be read, and alone")
    func platformAlone() throws {
        let tree = try TemporaryTree()
        try tree.zone("intel-rapl:0", "package-0", energy: nil)
        try tree.zone("intel-rapl:0:0", "dram")
        try tree.zone("intel-rapl:1", "psys")
        #expect(total(PowercapSurvey(root: tree.root).channels) == ["powercap/psys"])
    }

    @Test("the limits' `enabled` says nothing about the counter")
    func enabled() throws {
        let tree = try TemporaryTree()
        try tree.write(try tree.zone("intel-rapl:0", "package-0") + "/enabled", "0\n")
        #expect(PowercapSurvey(root: tree.root).channels.count == 1)
    }

    @Test("a range that is missing, unreadable or 0 is unknown, and said", arguments: [nil, "", "0\n", "much\n"])
    func range(text: String?) throws {
        let tree = try TemporaryTree()
        let folder = try tree.zone("intel-rapl:0", "package-0", range: nil)
        if let text { try tree.write(folder + "/max_energy_range_uj", text) }
        let survey = PowercapSurvey(root: tree.root)
        #expect(survey.channels.map(\.kind) == [.energyCounter(joulesPerCount: 1e-6, range: nil)])
        #expect(survey.notes.contains { $0.contains("does not tell its range") })
    }

    @Test("a counter that shows 0 is kept and said: it may begin to move")
    func zero() throws {
        let tree = try TemporaryTree()
        try tree.zone("intel-rapl:0", "package-0", energy: 0)
        let survey = PowercapSurvey(root: tree.root)
        #expect(survey.channels.count == 1)
        #expect(survey.notes.contains { $0.contains("never moves") })
    }
}
