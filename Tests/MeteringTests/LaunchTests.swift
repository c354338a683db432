import Testing

@testable import Metering

@Suite("What was started together")
struct LaunchTests {
    private func job(_ environment: [String: String]) -> Job? { Job(environment: environment, allowed: 8, online: 8) }

    @Test("what mpirun starts in a Slurm job has mpirun's ranks, not those of its daemons")
    func mpirunInSlurm() throws {
        let daemon = [
            "SLURM_JOB_ID": "3", "SLURM_JOB_NODELIST": "node[1-2]", "SLURMD_NODENAME": "node1", "SLURM_PROCID": "0",
            "SLURM_LOCALID": "0", "OMPI_COMM_WORLD_SIZE": "4", "PMIX_NAMESPACE": "51576833",
            "OMPI_MCA_orte_num_nodes": "2",
        ]
        let ranks = [
            ["OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_LOCAL_RANK": "1"],
            ["OMPI_COMM_WORLD_RANK": "2", "OMPI_COMM_WORLD_LOCAL_RANK": "0", "SLURM_STEP_ID": "0"],
        ].compactMap { job(daemon.merging($0) { $1 }) }
        #expect(ranks.map(\.rank) == [1, 2] && ranks.map(\.samples) == [false, true])
        // Of one step on both nodes, though one of them has a step of Slurm's and the other none.
        #expect(ranks.map(\.step) == ["mpi-51576833", "mpi-51576833"])
        #expect(ranks.allSatisfy { $0.isRank && $0.ranks == 4 && $0.nodes == ["node1", "node2"] })
        let some = try #require(
            job(
                daemon.merging([
                    "OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_LOCAL_RANK": "0",
                    "OMPI_MCA_orte_num_nodes": "1",
                ]) { $1 }
            )
        )
        #expect(some.nodes == nil)
    }

    @Test("a batch script is no rank; attempts, arrays and bare MPI programs have names")
    func names() throws {
        let script = try #require(job(["SLURM_JOB_ID": "5", "SLURM_PROCID": "0", "SLURM_LOCALID": "0"]))
        #expect(!script.isRank && script.attempt == "5" && script.folder == "wattbook-5" && script.ranks == nil)
        let task = try #require(
            job([
                "SLURM_JOB_ID": "12", "SLURM_ARRAY_JOB_ID": "10", "SLURM_ARRAY_TASK_ID": "2",
                "SLURM_RESTART_COUNT": "3", "SLURM_STEP_ID": "0", "SLURM_PROCID": "1", "SLURM_LOCALID": "0",
                "SLURM_STEP_NUM_TASKS": "2", "SLURM_STEP_NODELIST": "n[1-2]", "SLURM_JOB_NODELIST": "n[1-9]",
            ])
        )
        #expect(task.isRank && task.attempt == "12r3" && task.restarts == 3 && task.folder == "wattbook-10")
        #expect(task.ranks == 2 && task.nodes == ["n1", "n2"])
        let bare = try #require(
            job(["OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_LOCAL_RANK": "0", "PMIX_NAMESPACE": "77"])
        )
        #expect(bare.id == nil && bare.attempt == "mpi-77" && bare.folder == "wattbook-mpi-77" && bare.isRank)
    }

    @Test(
        "lists of nodes",
        arguments: [
            ("node1", ["node1"]), ("node[1-3,7]", ["node1", "node2", "node3", "node7"]),
            ("a[08-10],b", ["a08", "a09", "a10", "b"]), ("r[1-2]n[1,3]", ["r1n1", "r1n3", "r2n1", "r2n3"]),
            ("gpu[1-2].cluster", ["gpu1.cluster", "gpu2.cluster"]),
        ]
    )
    func expanded(list: String, names: [String]) { #expect(NodeList.expanded(list) == names) }

    @Test("what is none", arguments: ["", "a[1", "a]", "a[3-1]", "a[x]", "a[1-99999999]", "a[-1]"])
    func refused(list: String) { #expect(NodeList.expanded(list) == nil) }

    @Test("names become a list, and the list the names")
    func compressed() {
        #expect(NodeList.compressed(["node10", "node2", "node1", "node3"]) == "node[1-3,10]")
        #expect(NodeList.compressed(["a08", "a09", "a10"]) == "a[10,08-09]")
        #expect(NodeList.compressed(["login", "node4"]) == "login,node4" && NodeList.compressed([]) == "")
        let many = (1...500).map { "n\($0)" } + (1...20).map { "gpu0\($0 % 10)" }
        #expect(Set(NodeList.expanded(NodeList.compressed(many)) ?? []) == Set(many))
    }
}
