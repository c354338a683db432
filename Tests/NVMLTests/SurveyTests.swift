import Metering
import ProbeTestKit
import Quantities
import Testing

@testable import NVML

@Suite("What NVIDIA's library offers")
struct SurveyTests {
    private func fixtureText(_ name: String) throws -> String { try FileTree(root: "").text(fixture(name)) }

    @Test("a GPU's counter and power, with what is known of it")
    func node() throws {
        let standIn = try StandIn(fixtureText("node.txt"))
        let survey = standIn.survey()
        #expect(survey.availability == .ready)
        #expect(survey.gpus == ["NVIDIA H100 80GB HBM3", "NVIDIA A100-SXM4-40GB"])
        let (h100, a100) = (
            "nvml/GPU-6b1d3c5e-0001-4a7b-9c2d-000000000001", "nvml/GPU-6b1d3c5e-0002-4a7b-9c2d-000000000002"
        )
        #expect(survey.channels.map(\.name) == [h100, h100 + "/power", a100, a100 + "/power"])
        #expect(survey.channels.map(\.containedIn) == [nil, h100, nil, a100])
        #expect(survey.channels.map(\.inTotal) == [true, false, true, false])
        #expect(survey.channels.allSatisfy { $0.device == .gpu && $0.domain == "gpu" && $0.basis == .measured })
        #expect(survey.channels[0].kind == .energyCounter(joulesPerCount: 1e-3, range: nil))
        #expect(survey.channels[1].kind == .power(wattsPerCount: 1e-3, window: Seconds(1)))
        #expect(survey.channels[3].kind == .power(wattsPerCount: 1e-3, window: Seconds(0.025)))
        #expect(survey.channels.map(\.maximumPower.value) == [1050, 1050, 600, 600])
        #expect(
            survey.channels[0].note
                == "NVIDIA H100 80GB HBM3 at PCI 00000000:01:00.0, power limit 700 W, driver 550.54.15"
        )
        #expect(survey.channels[1].note == nil)
        #expect(survey.channels[3].note == "the sensor sees 25 ms of each 100 ms")
        #expect(survey.notes.isEmpty)
        #expect(survey.warnings.isEmpty)
        #expect(namingFaults(survey.channels) == [])
    }

    @Test(
        "a library that is not there, or is another, is absence",
        arguments: ["/nowhere/libnvidia-ml.so.1", "libm.so.6"]
    )
    func noLibrary(path: String) {
        guard case .absent(let reason) = NVMLSurvey(library: path).availability else {
            Issue.record("not absent")
            return
        }
        #expect(reason.contains(path))
    }

    @Test(
        "each answer to the start has its meaning",
        arguments: [(9, "modprobe"), (18, "two versions"), (12, "NVML 12"), (999, "container")]
    )
    func notStarted(code: Int, words: String) throws {
        let standIn = try StandIn("fail nvmlInit_v2 \(code)\n" + description(.constant(1)))
        guard case .absent(let reason) = standIn.survey().availability else {
            Issue.record("not absent")
            return
        }
        #expect(reason.contains(words))
        #expect(standIn.users == 0)
    }

    static let denials = [
        "fail nvmlInit_v2 4\n", "fail nvmlInit_v2 17\n", "fail nvmlDeviceGetHandleByIndex_v2 4\n",
        "fail nvmlDeviceGetTotalEnergyConsumption 4\nfail nvmlDeviceGetPowerUsage 4\nfail nvmlDeviceGetFieldValues 4\n",
    ]

    @Test("no permission says what to do", arguments: denials)
    func denied(fault: String) throws {
        let standIn = try StandIn(fault + description(.constant(1)))
        guard case .denied(let remedy) = standIn.survey().availability else {
            Issue.record("not denied")
            return
        }
        #expect(remedy.contains("/dev/nvidiactl"))
        #expect(standIn.users == 0)
    }

    @Test("no GPU is absence")
    func none() throws {
        let standIn = try StandIn("driver 535.1\n")
        #expect(standIn.survey().availability == .absent(reason: "\(standIn.path) finds no GPU"))
    }

    @Test(
        "a GPU that a control group keeps away leaves the others; one that is broken is a warning",
        arguments: [(4, 0), (15, 1)]
    )
    func oneOfTwo(code: Int, warnings: Int) throws {
        let standIn = try StandIn(
            description(.constant(1), "fail nvmlDeviceGetHandleByIndex_v2 \(code)")
                + description(.constant(2), uuid: "GPU-b")
        )
        let survey = standIn.survey()
        #expect(survey.channels.map(\.name) == ["nvml/GPU-b", "nvml/GPU-b/power"])
        #expect(survey.warnings.count == warnings)
    }

    @Test("started once for survey and probes, and shut down with the last of them")
    func paired() throws {
        let standIn = try StandIn(description(.constant(1)))
        func use() throws {
            let survey = standIn.survey()
            for _ in 0..<3 { _ = try NVMLProbe(survey) }
            #expect(standIn.users == 1)
            withExtendedLifetime(survey) {}
        }
        try use()
        #expect(standIn.users == 0)
    }

    @Test("the counter, or the power that stands for it, says which GPU it is to other interfaces")
    func hardware() throws {
        let standIn = try StandIn(description(.constant(1)))
        #expect(standIn.survey().channels.map(\.hardware) == ["gpu/GPU-a", nil])
        let calls = ["nvmlDeviceGetTotalEnergyConsumption", "field:83:0"]
        let bare = try StandIn(description(.constant(1)) + calls.map { "fail \($0) 3\n" }.joined())
        #expect(bare.survey().channels.map(\.hardware) == ["gpu/GPU-a"])
    }

    @Test("two instances of one GPU are that GPU, once, and it is said")
    func instances() throws {
        let standIn = try StandIn(description(.constant(300), "mig", "instance MIG-1", "instance MIG-2"))
        let survey = standIn.survey(environment: ["CUDA_VISIBLE_DEVICES": "MIG-1,MIG-2"])
        #expect(survey.channels.map(\.name) == ["nvml/GPU-a", "nvml/GPU-a/power"])
        #expect(survey.warnings == ["nvml/GPU-a is the whole GPU: MIG is on, and what other instances draw is in it."])
        #expect(survey.channels[0].note?.contains("whole GPU") == true)
        let (account, _) = try metered(standIn, seconds: 10)
        #expect(abs(try #require(account.total.joules).value - 3000) < 1)
    }

    @Test("only what the job sees, unless all are asked for")
    func visible() throws {
        let standIn = try StandIn(description(.constant(1)) + description(.constant(2), uuid: "GPU-b"))
        let environment = ["CUDA_VISIBLE_DEVICES": "GPU-b"]
        let survey = standIn.survey(environment: environment)
        #expect(survey.channels.map(\.name) == ["nvml/GPU-b", "nvml/GPU-b/power"])
        #expect(survey.gpus.count == 1)
        #expect(survey.notes.contains { $0.hasPrefix("1 of 2 GPUs are left out, since CUDA_VISIBLE_DEVICES=GPU-b") })
        #expect(standIn.survey(environment: environment, allGPUs: true).channels.count == 4)
        let hidden = standIn.survey(environment: ["CUDA_VISIBLE_DEVICES": ""])
        guard case .absent(let reason) = hidden.availability else {
            Issue.record("not absent")
            return
        }
        #expect(reason.contains("--all-gpus"))
    }

    @Test("a module's power serves where the GPU has none, and is said to be more")
    func module() throws {
        let faults = [
            "nvmlDeviceGetTotalEnergyConsumption", "nvmlDeviceGetPowerUsage", "field:83:0", "field:185:0",
            "field:186:0",
        ]
        let standIn = try StandIn(description(.constant(300)) + faults.map { "fail \($0) 3\n" }.joined())
        let survey = standIn.survey()
        #expect(survey.channels.map(\.domain) == ["module"])
        #expect(survey.warnings.contains { $0.contains("more than the GPU") })
    }

    @Test("a field that shows another number than the call is not the counter")
    func oddField() throws {
        for (lines, source) in [("", "field 83"), ("field-gain 1000", "nvmlDeviceGetTotalEnergyConsumption")] {
            let standIn = try StandIn(description(.constant(100), "counter 20000000", lines))
            #expect(standIn.survey().channels.first?.source.contains(source) == true)
            let (account, _) = try metered(standIn, seconds: 10)
            #expect(abs(try #require(account.total.joules).value - 1000) < 1)
        }
    }
}
