import Metering
import ProbeTestKit
import Quantities
import SystemPackage
import Testing

@testable import PowerFiles

@Suite("What directories of power files offer")
struct SurveyTests {
    private func device(_ tree: TemporaryTree, _ name: String, _ files: [String: String]) throws {
        for (file, text) in files { try tree.write("/\(name)/\(file)", text + "\n") }
    }

    private func survey(_ trees: TemporaryTree...) -> PowerFilesSurvey {
        PowerFilesSurvey(directories: trees.map(\.root))
    }

    private func total(_ survey: PowerFilesSurvey) -> [String] { survey.channels.filter(\.inTotal).map(\.name) }

    @Test("energy goes before power; where a device has both, the power stands beside it")
    func energyBeforePower() throws {
        let tree = try TemporaryTree()
        try device(tree, "gpu0", ["energy_mj": "5000", "power_mw": "61000", "power_window_ms": "25"])
        try device(tree, "gpu1", ["power_mw": "72000", "power_window_ms": "1000"])
        let survey = survey(tree)
        #expect(survey.availability == .ready && survey.warnings == [])
        #expect(survey.channels.map(\.name) == ["powerfiles/gpu0", "powerfiles/gpu0/power", "powerfiles/gpu1"])
        #expect(total(survey) == ["powerfiles/gpu0", "powerfiles/gpu1"])
        #expect(survey.channels[0].kind == .energyCounter(joulesPerCount: 1e-3, range: nil))
        #expect(survey.channels[1].kind == .power(wattsPerCount: 1e-3, window: Seconds(0.025)))
        #expect(survey.channels[1].containedIn == "powerfiles/gpu0")
        #expect(survey.channels[2].kind == .power(wattsPerCount: 1e-3, window: Seconds(1)))
        #expect(namingFaults(survey.channels) == [])
    }

    @Test(
        "what a device is, by its names and its uuid",
        arguments: [
            ("gpu0", [:], Device.gpu, String?.none),
            ("0", ["uuid": "GPU-8ac1"], .gpu, "gpu/GPU-8ac1"),
            ("GPU-77", [:], .gpu, "gpu/GPU-77"),
            ("card", ["name": "GPU of a simulator"], .gpu, nil),
            ("cpu", [:], .cpu, "rapl/package-0"),
            ("Socket1", [:], .cpu, "rapl/package-1"),
            ("package-12", [:], .cpu, "rapl/package-12"),
            ("dram1", [:], .memory, "rapl/package-1/dram"),
            ("memory", [:], .memory, "rapl/package-0/dram"),
            ("node", [:], .node, nil),
            ("psu1", [:], .node, nil),
            ("module-0", [:], .platform, "module/0"),
            ("fan", ["uuid": "FAN-1"], .other, nil),
        ]
    )
    func kinds(name: String, files: [String: String], kind: Device, hardware: String?) throws {
        let tree = try TemporaryTree()
        try device(tree, name, files.merging(["energy_mj": "1"]) { old, _ in old })
        let channel = try #require(survey(tree).channels.first)
        #expect(channel.device == kind && channel.hardware == hardware && channel.inTotal)
    }

    @Test("a device in another one is not added; the whole node contains all, said or not")
    func containment() throws {
        let tree = try TemporaryTree()
        try device(tree, "module-0", ["energy_mj": "1", "name": "Module 0"])
        try device(tree, "gpu0", ["energy_mj": "1", "contained_in": "module-0"])
        try device(tree, "cpu0", ["energy_mj": "1", "contained_in": "Module 0"])
        #expect(total(survey(tree)) == ["powerfiles/module-0"])
        #expect(survey(tree).channels.count { $0.containedIn == "powerfiles/module-0" } == 2)
        try device(tree, "node", ["power_mw": "1"])
        let whole = survey(tree)
        #expect(total(whole) == ["powerfiles/node"])
        #expect(whole.channels.first { $0.name == "powerfiles/module-0" }?.containedIn == "powerfiles/node")
        #expect(namingFaults(whole.channels) == [])
    }

    @Test("a name that is not there, and a circle, are said and never counted twice")
    func brokenContainment() throws {
        let tree = try TemporaryTree()
        try device(tree, "a", ["energy_mj": "1", "contained_in": "b"])
        try device(tree, "b", ["energy_mj": "1", "contained_in": "c"])
        try device(tree, "c", ["energy_mj": "1", "contained_in": "b"])
        try device(tree, "d", ["energy_mj": "1", "contained_in": "d"])
        try device(tree, "e", ["energy_mj": "1", "contained_in": "nowhere"])
        try device(tree, "f", ["energy_mj": "1"])
        let survey = survey(tree)
        #expect(total(survey) == ["powerfiles/f"])
        #expect(survey.channels.first { $0.name == "powerfiles/a" }?.containedIn == "powerfiles/b")
        #expect(survey.warnings.count == 4)
        #expect(survey.warnings.contains { $0.contains("/e/contained_in names nowhere") })
        #expect(namingFaults(survey.channels) == [])
    }

    @Test("a part counts where the device around it gives no number, and the one around that does not")
    func unreadableWhole() throws {
        let tree = try TemporaryTree()
        try device(tree, "outer", ["energy_mj": "much", "contained_in": "outermost"])
        try device(tree, "part", ["energy_mj": "1", "contained_in": "outer"])
        try device(tree, "outermost", ["energy_mj": "1.5"])
        let alone = survey(tree)
        #expect(total(alone) == ["powerfiles/part"])
        #expect(alone.warnings.count == 2 && alone.warnings.allSatisfy { $0.contains("no whole number") })
        try device(tree, "outermost", ["energy_mj": "1"])
        #expect(total(survey(tree)) == ["powerfiles/outermost"])
        #expect(survey(tree).channels.last?.containedIn == "powerfiles/outermost")
    }

    @Test("several directories may have devices of one name; what contains what stays in its own")
    func severalDirectories() throws {
        let (first, second) = (try TemporaryTree(), try TemporaryTree())
        for tree in [first, second] {
            try device(tree, "module", ["energy_mj": "1"])
            try device(tree, "gpu 0", ["energy_mj": "1", "contained_in": "module"])
        }
        let channels = survey(first, second).channels
        #expect(channels.map(\.name) == ["gpu-0", "module", "gpu-0@2", "module@2"].map { "powerfiles/" + $0 })
        #expect(channels[2].containedIn == "powerfiles/module@2")
        second.link("/again", to: first.root)
        let twice = PowerFilesSurvey(directories: [first.root, first.root + "/", second.root + "/again"])
        #expect(twice.channels.count == 2, "one directory by three paths")
        #expect(namingFaults(channels) == [])
    }

    @Test("one directory that is not there, or holds no device, makes all of it absent, by name")
    func missingDirectory() throws {
        let (tree, empty) = (try TemporaryTree(), try TemporaryTree())
        try device(tree, "gpu0", ["energy_mj": "1"])
        try tree.write("/readme", "no device")
        try empty.write("/gpu0/name", "no numbers")
        for directory in ["/nowhere/at/all", empty.root] {
            guard
                case .absent(let reason) = PowerFilesSurvey(directories: [tree.root, directory]).availability
            else {
                Issue.record("not absent")
                continue
            }
            #expect(reason.contains(directory))
        }
    }

    @Test("files that may not be read are denied; beside others they are a warning", .enabled(if: canBeUnprivileged))
    func denied() throws {
        let tree = try TemporaryTree()
        try device(tree, "gpu0", ["energy_mj": "1"])
        tree.mode("/gpu0/energy_mj", 0)
        guard case .denied = asNobody({ survey(tree).availability }) else {
            Issue.record("not denied")
            return
        }
        try device(tree, "gpu1", ["energy_mj": "1"])
        let partly = asNobody { survey(tree) }
        #expect(total(partly) == ["powerfiles/gpu1"] && partly.warnings.count == 1)
    }
}
