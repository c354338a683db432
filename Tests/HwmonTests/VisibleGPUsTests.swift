import Metering
import ProbeTestKit
import Testing

@testable import Hwmon

@Suite("The GPUs that a job sees")
struct VisibleGPUsTests {
    private let ids: [String?] = ["70b5", "70b6", "70b7", nil]

    private func visible(_ variables: [String: String]) -> VisibleGPUs { VisibleGPUs(ids) { variables[$0] } }

    @Test("numbers, ranges and unique ids; the second variable counts among those of the first")
    func lists() {
        #expect(visible([:]) == .all)
        #expect(visible(["ROCR_VISIBLE_DEVICES": "2, 0"]) == .some([0, 2]))
        #expect(visible(["HIP_VISIBLE_DEVICES": "1-3"]) == .some([1, 2, 3]))
        #expect(visible(["ROCR_VISIBLE_DEVICES": "GPU-70B7,GPU-70b5"]) == .some([0, 2]))
        #expect(visible(["ROCR_VISIBLE_DEVICES": "3,1", "HIP_VISIBLE_DEVICES": "1"]) == .some([1]))
    }

    @Test("under Slurm only its global numbers count")
    func slurm() {
        let runtime = ["SLURM_JOB_ID": "7", "ROCR_VISIBLE_DEVICES": "0"]
        guard case .unclear(let why) = visible(runtime) else {
            Issue.record("a job's own numbers were taken for the node's")
            return
        }
        #expect(why.contains("ROCR_VISIBLE_DEVICES") && why.contains("--all-gpus"))
        #expect(visible(runtime.merging(["SLURM_JOB_GPUS": "2"]) { $1 }) == .some([2]))
        #expect(visible(["SLURM_JOB_ID": "7", "SLURM_JOB_GPUS": "0-3", "SLURM_STEP_GPUS": "1"]) == .some([1]))
        #expect(visible(["SLURM_JOB_ID": "7"]) == .all)
    }

    @Test("what names no GPU of this machine is unclear", arguments: ["4", "-1", "GPU-0000", "a", "2-1", ",", "1-"])
    func unclear(text: String) {
        guard case .unclear = visible(["ROCR_VISIBLE_DEVICES": text]) else {
            Issue.record("\(text) was taken for a GPU")
            return
        }
    }

    @Test("a job with one die of a module counts the module, once; the other modules are left out")
    func dies() {
        let root = fixture("mi250x")
        for list in ["3", "2", "2,3"] {
            let survey = HwmonSurvey.look(root: root) { $0 == "ROCR_VISIBLE_DEVICES" ? list : nil }.sensors
            #expect(survey.channels.filter(\.inTotal).map(\.source) == ["/sys/class/hwmon/hwmon8/power1_average"])
            #expect(survey.channels.count == 2 && survey.notes.count == 6 && survey.warnings == [])
            #expect(survey.gpuNames.count == (list == "2,3" ? 2 : 1))
            #expect(namingFaults(survey.channels) == [])
        }
    }

    @Test("what is unclear reads every GPU, with a warning")
    func all() {
        let survey = HwmonSurvey.look(root: fixture("mi250x")) { $0 == "HIP_VISIBLE_DEVICES" ? "9" : nil }.sensors
        #expect(survey.channels.count == 8 && survey.warnings.count == 1)
    }
}
