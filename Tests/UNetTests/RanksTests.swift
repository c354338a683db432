import Testing

@testable import UNet

/// What ranks share without a message between them.
@Suite("Ranks")
struct RanksTests {
    @Test(
        "a launch is known by its environment",
        arguments: [
            ([:], nil),
            (["OMPI_COMM_WORLD_SIZE": "1", "SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "0"], nil),
            (
                ["OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "3", "OMPI_COMM_WORLD_LOCAL_SIZE": "2"],
                "openMPI 3 4 2"
            ),
            (
                ["PMIX_RANK": "1", "SLURM_STEP_NUM_TASKS": "6", "SLURM_STEP_TASKS_PER_NODE": "2(x2),1(x2)"],
                "openMPI 1 6 2"
            ),
            (["PMI_SIZE": "8", "PMI_RANK": "2"], "other 2 8 1"),
            (["SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "2"], "none 2 4 1"),
        ] as [([String: String], String?)]
    )
    func launch(environment: [String: String], wanted: String?) {
        let launch = Launch(environment: environment)
        #expect(launch.map { "\($0.kind) \($0.rank) \($0.size) \($0.localSize)" } == wanted)
    }

    @Test("a launcher that gave processors to each rank is known too")
    func binding() {
        var environment = ["OMPI_COMM_WORLD_SIZE": "2", "OMPI_MCA_orte_bound_at_launch": "1"]
        #expect(Launch(environment: environment)?.isBound == true)
        environment["OMPI_MCA_orte_bound_at_launch"] = nil
        #expect(Launch(environment: environment)?.isBound == false)
        environment = ["PMIX_RANK": "1", "SLURM_STEP_NUM_TASKS": "2", "SLURM_CPU_BIND_TYPE": "mask_cpu:"]
        #expect(Launch(environment: environment)?.isBound == true)
        environment["SLURM_CPU_BIND_TYPE"] = "none"
        #expect(Launch(environment: environment)?.isBound == false)
    }

    @Test("the shares of all ranks are the whole batches in their order")
    func shares() throws {
        let folder = try DatasetFolder()
        for frame in 0..<22 { try folder.writeFrame("\(frame)") }
        let split = DatasetSplit(try Dataset(folder.path), fraction: 0, seed: 1)
        let whole = TrainingOrder(split, batch: 6, seed: 5, steps: 0..<7)
        let shares = (0..<3).map { Array(whole.share(of: $0, among: 3)) }
        for (step, request) in Array(whole).enumerated() {
            #expect(shares.flatMap { $0[step].indices } == request.indices)
            #expect(shares.allSatisfy { $0[step].epoch == request.epoch })
        }
        #expect(shares.allSatisfy { $0.count == 7 })
    }

    @Test("buckets hold every tensor once, from the last to the first")
    func buckets() {
        let (ranges, ofTensor) = GradientReduction.buckets([0, 16, 64, 80, 400], count: 416, full: 100)
        #expect(ranges == [80..<416, 0..<80])
        #expect(ofTensor == [1, 1, 1, 0, 0])
        let one = GradientReduction.buckets([0, 16], count: 32, full: 1000)
        #expect(one.ranges == [0..<32] && one.ofTensor == [0, 0])
    }

    @Test(
        "a backward pass reports every tensor once, when its gradient is complete",
        arguments: EngineKind.allCases,
        NetArchitecture.allCases
    )
    func reports(engine: EngineKind, architecture: NetArchitecture) throws {
        var options = TrainingOptions()
        options.net = NetConfiguration(filters: 4, depth: 2, architecture: architecture)
        (options.batch, options.size, options.engine, options.threads) = (2, 16, engine, 1)
        let trainer = try Trainer(options)
        let images = (0..<512).map { Float($0 % 17) / 17 }
        let masks = (0..<512).map { Float($0 % 3 == 0 ? 1 : 0) }
        var seen: [(tensor: Int, values: [Float])] = []
        let parameters = trainer.parameters
        func values(_ tensor: Int) -> [Float] {
            let slot = parameters.slots[tensor]
            return (0..<slot.count).map { unsafe parameters.gradients.floats[slot.offset + $0] }
        }
        parameters.onFinished = { tensors in seen += tensors.map { ($0, values($0)) } }
        _ = try trainer.gradients(images: images, masks: masks)
        #expect(seen.map(\.tensor).sorted() == Array(parameters.slots.indices))
        for (tensor, reported) in seen { #expect(reported == values(tensor), "\(parameters.slots[tensor].name)") }
        // A sum that starts early goes on while the rest is computed.
        #expect(seen.first.map { parameters.slots[$0.tensor].name.hasPrefix("head.") } == true)
    }
}
