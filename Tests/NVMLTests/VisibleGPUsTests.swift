import Testing

@testable import NVML

@Suite("Which GPUs the job sees")
struct VisibleGPUsTests {
    /// Four GPUs of one model, whose UUIDs begin with aa, ab, b and c.
    private static let equal = ["GPU-aa11", "GPU-ab22", "GPU-b333", "GPU-c444"].enumerated().map { index, id in
        GPU(index: UInt32(index), id: id, name: "NVIDIA H100")
    }

    private static let unequal: [GPU] = {
        var gpus = equal
        gpus[2].name = "NVIDIA T400"
        return gpus
    }()

    private func places(_ gpus: [GPU], _ environment: [String: String]) -> [UInt32] {
        VisibleGPUs(gpus, environment: environment).gpus.map(\.index)
    }

    static let cuda: [(String, [UInt32])] = [
        ("0", [0]), ("1,3", [1, 3]), ("3,1", [1, 3]), (" 2 , 0", [0, 2]), ("0,0", [0]),
        ("0,1,2,3", [0, 1, 2, 3]),
        // The list ends at its first entry that is none.
        ("", []), ("-1", []), ("0,-1,2", [0]), ("1,4,2", [1]), ("NoDevFiles", []), ("2,x,3", [2]), ("1,,2", [1]),
        (",1", []), ("void", []),
        ("none", []), ("all", []),
        ("GPU-b333", [2]), ("GPU-c444,GPU-aa11", [0, 3]), ("GPU-b", [2]), ("GPU-c4,1", [1, 3]),
        // A beginning of two UUIDs names none, nor does an unknown one.
        ("GPU-a", []), ("GPU-aa", [0]), ("GPU-b,GPU-a,GPU-c", [2]), ("GPU-d,GPU-c", []), ("b333", []),
        ("MIG-GPU-b333/1/0", [2]), ("MIG-GPU-b333/1/0,MIG-GPU-b333/2/0", [2]), ("MIG-GPU-zz/1/0,0", []),
        ("MIG-77", []),
    ]

    @Test("CUDA's list", arguments: cuda)
    func list(value: String, expected: [UInt32]) {
        for order in [[:], ["CUDA_DEVICE_ORDER": "PCI_BUS_ID"], ["CUDA_DEVICE_ORDER": "FASTEST_FIRST"]] {
            let environment = order.merging(["CUDA_VISIBLE_DEVICES": value]) { $1 }
            let visible = VisibleGPUs(Self.equal, environment: environment)
            #expect(visible.gpus.map(\.index) == expected)
            #expect(visible.warning == nil)
            #expect(visible.cause == "CUDA_VISIBLE_DEVICES=\(value)")
        }
    }

    @Test(
        "no variable hides nothing, nor does one that says so",
        arguments: [
            [:], ["NVIDIA_VISIBLE_DEVICES": "all"], ["NVIDIA_VISIBLE_DEVICES": "void"], ["NVIDIA_VISIBLE_DEVICES": ""],
            ["SLURM_STEP_GPUS": ""], ["CUDA_DEVICE_ORDER": "PCI_BUS_ID"],
        ]
    )
    func all(environment: [String: String]) {
        let visible = VisibleGPUs(Self.unequal, environment: environment)
        #expect(visible == VisibleGPUs(Self.unequal, environment: [:]))
        #expect(visible.gpus == Self.unequal && visible.cause == nil && visible.warning == nil)
    }

    @Test("numbers of unequal GPUs are known only in PCI's order; else all are taken, and it is said")
    func order() {
        let known = VisibleGPUs(
            Self.unequal,
            environment: ["CUDA_VISIBLE_DEVICES": "2", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"]
        )
        #expect(known.gpus.map(\.index) == [2] && known.warning == nil)
        let guessed = VisibleGPUs(Self.unequal, environment: ["CUDA_VISIBLE_DEVICES": "2"])
        #expect(guessed.gpus.count == 4)
        #expect(guessed.warning?.contains("CUDA_VISIBLE_DEVICES=2") == true)
        #expect(guessed.warning?.contains("set CUDA_DEVICE_ORDER=PCI_BUS_ID") == true)
        let cut = VisibleGPUs(Self.unequal, environment: ["CUDA_VISIBLE_DEVICES": "1,x"])
        #expect(cut.gpus.count == 4 && cut.warning != nil)
        // Every GPU is every GPU in any order, and a UUID is one.
        for value in ["3,2,1,0", "GPU-b333"] {
            #expect(VisibleGPUs(Self.unequal, environment: ["CUDA_VISIBLE_DEVICES": value]).warning == nil)
        }
        #expect(places(Self.unequal, ["CUDA_VISIBLE_DEVICES": "GPU-b333,GPU-c"]) == [2, 3])
    }

    @Test("MIG instances are on the GPU that has them")
    func instances() {
        var gpus = Self.equal
        gpus[1].isMIG = true
        gpus[1].instances = ["MIG-11aa", "MIG-11bb"]
        #expect(places(gpus, ["CUDA_VISIBLE_DEVICES": "MIG-11bb"]) == [1])
        #expect(places(gpus, ["CUDA_VISIBLE_DEVICES": "MIG-11aa,MIG-11bb,GPU-b333"]) == [1, 2])
        #expect(places(gpus, ["CUDA_VISIBLE_DEVICES": "MIG-22"]) == [])
        // A number may be an instance's.
        let numbered = VisibleGPUs(gpus, environment: ["CUDA_VISIBLE_DEVICES": "0"])
        #expect(numbered.gpus.count == 4 && numbered.warning != nil)
        // The driver tells no instances: one of the divided GPUs it must be.
        gpus[1].instances = []
        gpus[3].isMIG = true
        let untold = VisibleGPUs(gpus, environment: ["CUDA_VISIBLE_DEVICES": "MIG-11bb"])
        #expect(untold.gpus.map(\.index) == [1, 3] && untold.warning != nil)
        #expect(places(gpus, ["CUDA_VISIBLE_DEVICES": "MIG-11bb,GPU-aa11"]) == [0, 1, 3])
    }

    @Test("UUIDs mean nothing where the driver tells none: all are taken, and it is said")
    func nameless() {
        let gpus = (0..<3).map { GPU(index: $0, id: "index-\($0)", name: "NVIDIA H100") }
        let visible = VisibleGPUs(gpus, environment: ["CUDA_VISIBLE_DEVICES": "GPU-aa11"])
        #expect(visible.gpus == gpus && visible.warning?.contains("GPU-aa11") == true)
        #expect(places(gpus, ["CUDA_VISIBLE_DEVICES": "1"]) == [1])
    }

    static let containers: [(String, [UInt32])] = [
        ("none", []), ("GPU-c444", [3]), ("GPU-aa11,GPU-c444", [0, 3]), ("1", [1]), ("0,2", [0, 2]), ("1:0,1:1", [1]),
        ("2,", [2]),
    ]

    @Test("a container's list, in the machine's numbers or by UUID", arguments: containers)
    func container(value: String, expected: [UInt32]) {
        #expect(places(Self.equal, ["NVIDIA_VISIBLE_DEVICES": value]) == expected)
        #expect(places(Self.unequal, ["NVIDIA_VISIBLE_DEVICES": value]) == expected)
    }

    @Test("inside a container, which shows only its own, the machine's numbers mean nothing")
    func inside() {
        let own = Array(Self.equal[..<2])
        for value in ["5,7", "GPU-xx,GPU-yy"] {
            let visible = VisibleGPUs(own, environment: ["NVIDIA_VISIBLE_DEVICES": value])
            #expect(visible.gpus == own && visible.warning == nil)
        }
        #expect(VisibleGPUs(own, environment: ["NVIDIA_VISIBLE_DEVICES": "5,6,7"]).warning != nil)
    }

    @Test("Slurm's numbers are the machine's, also where others are kept away")
    func slurm() {
        #expect(places(Self.unequal, ["SLURM_STEP_GPUS": "1,3"]) == [1, 3])
        #expect(places(Self.unequal, ["SLURM_JOB_GPUS": "0"]) == [0])
        #expect(places(Self.unequal, ["SLURM_STEP_GPUS": "2", "SLURM_JOB_GPUS": "0,1,2"]) == [2])
        let allowed = [Self.equal[1], Self.equal[3]]
        #expect(places(allowed, ["SLURM_STEP_GPUS": "3"]) == [3])
        // Two are shown, counted anew, and two are named.
        #expect(VisibleGPUs(allowed, environment: ["SLURM_STEP_GPUS": "6,7"]).warning == nil)
        #expect(VisibleGPUs(allowed, environment: ["SLURM_STEP_GPUS": "7"]).warning != nil)
        // CUDA counts those that the control group leaves.
        #expect(places(allowed, ["CUDA_VISIBLE_DEVICES": "0", "SLURM_STEP_GPUS": "1"]) == [1])
    }

    @Test("CUDA's list decides before the container's and Slurm's")
    func precedence() {
        let environment = [
            "CUDA_VISIBLE_DEVICES": "GPU-c444", "NVIDIA_VISIBLE_DEVICES": "0", "SLURM_STEP_GPUS": "1",
        ]
        #expect(places(Self.equal, environment) == [3])
        #expect(places(Self.equal, environment.filter { $0.key != "CUDA_VISIBLE_DEVICES" }) == [0])
    }
}
