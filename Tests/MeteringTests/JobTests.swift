import ProbeTestKit
import Testing

@testable import Metering

@Suite("The place of a run in a batch system")
struct JobTests {
    @Test("outside of a batch system there is none")
    func none() {
        #expect(Job(environment: ["PATH": "/bin", "OMP_NUM_THREADS": "4"], allowed: 8, online: 8) == nil)
    }

    @Test("a Slurm step: ids, ranks and the granted processors; nothing else of the environment is kept")
    func slurm() throws {
        let job = try #require(
            Job(
                environment: [
                    "SLURM_JOB_ID": "4711", "SLURM_STEP_ID": "2", "SLURMD_NODENAME": "n07", "SLURM_PROCID": "5",
                    "SLURM_LOCALID": "1", "SLURM_CPUS_ON_NODE": "16", "SLURM_JOB_ACCOUNT": "a1", "TOKEN": "secret",
                ],
                allowed: 4,
                online: 64
            )
        )
        #expect(job.scheduler == "slurm" && job.id == "4711" && job.step == "2" && job.node == "n07")
        #expect(job.rank == 5 && job.localRank == 1 && !job.samples)
        #expect(job.processors == 16 && !job.isExclusive)
        #expect(job.variables["SLURM_JOB_ACCOUNT"] == "a1" && job.variables["TOKEN"] == nil)
    }

    @Test("the batch script of a job, its own node, reads the sensors")
    func exclusive() throws {
        let job = try #require(
            Job(environment: ["SLURM_JOB_ID": "1", "SLURM_CPUS_ON_NODE": "8"], allowed: 8, online: 8)
        )
        #expect(job.samples && job.isExclusive && job.localRank == nil)
    }

    @Test(
        "a bare MPI program tells its ranks too",
        arguments: [
            (["OMPI_COMM_WORLD_RANK": "3", "OMPI_COMM_WORLD_LOCAL_RANK": "1"], 3, 1),
            (["PMI_RANK": "2", "MPI_LOCALRANKID": "0"], 2, 0),
            (["PMIX_RANK": "7", "PALS_LOCAL_RANKID": "3"], 7, 3),
        ]
    )
    func ranks(environment: [String: String], rank: Int, local: Int) throws {
        let job = try #require(Job(environment: environment, allowed: 2, online: 2))
        #expect(job.scheduler == "mpi" && job.id == nil)
        #expect(job.rank == rank && job.localRank == local && job.samples == (local == 0))
    }

    @Test("a mask of processors is counted")
    func mask() throws {
        let tree = try TemporaryTree()
        try tree.write("/proc/self/status", "Name:\tx\nCpus_allowed:\tff,0000000f\nCpus_allowed_list:\t0-3,32-39\n")
        #expect(allowedProcessors(FileTree(root: tree.root)) == 12)
    }

    @Test("of a path of control groups the step's is the job's here")
    func group() throws {
        let tree = try TemporaryTree()
        try tree.write("/proc/self/cgroup", "0::/system.slice/slurmstepd.scope/job_12/step_0/user/task_0\n")
        #expect(controlGroup(FileTree(root: tree.root)) == "/sys/fs/cgroup/system.slice/slurmstepd.scope/job_12/step_0")
        try tree.write("/proc/self/cgroup", "0::/user.slice/session-1.scope\n")
        #expect(controlGroup(FileTree(root: tree.root)) == nil)
    }

    @Test("the time of a tree of processes holds what they waited for, whatever their names are")
    func processes() throws {
        let tree = try TemporaryTree()
        func process(_ pid: Int, _ name: String, parent: Int, _ ticks: [Int]) throws {
            let numbers = ticks.map(String.init).joined(separator: " ")
            try tree.write("/proc/\(pid)/stat", "\(pid) (\(name)) S \(parent) 1 1 0 -1 0 0 0 0 0 \(numbers) 20 0 1 0\n")
        }
        try process(10, "slurmstepd: [1.0]", parent: 1, [1, 2, 0, 0])
        try process(11, "a (b) c", parent: 10, [100, 50, 30, 20])
        try process(12, "python", parent: 11, [7, 0, 0, 0])
        try process(20, "other", parent: 1, [1000, 1000, 0, 0])
        let seconds = try #require(processorSeconds(below: 10, FileTree(root: tree.root)))
        #expect(abs(seconds - 210 / ticksPerSecond) < 1e-9)
        #expect(processorSeconds(below: 99, FileTree(root: tree.root)) == nil)
    }

    @Test("a job's part: what its group used, of what the node worked; the group's processes are no others")
    func share() throws {
        let tree = try TemporaryTree()
        try tree.write("/proc/self/cgroup", "0::/job_12/step_0\n")
        try tree.write("/proc/stat", "cpu  1000 0 0 9 0 0 0 0\n")
        try tree.write("/sys/fs/cgroup/job_12/step_0/cpu.stat", "usage_usec 5000000\nuser_usec 1\n")
        let job = Job(scheduler: "slurm", processors: 2, onlineProcessors: 8)
        let watch = SurroundingsWatch(root: tree.root, job: job)
        try tree.write("/proc/stat", "cpu  \(1000 + Int(10 * ticksPerSecond)) 0 0 9 0 0 0 0\n")
        try tree.write("/sys/fs/cgroup/job_12/step_0/cpu.stat", "usage_usec 9000000\nuser_usec 1\n")
        let around = watch.finish(seconds: 5, own: 1)
        let share = try #require(around.share)
        #expect(share.source == .controlGroup && share.allocated == 0.25)
        #expect(abs(share.usedSeconds - 4) < 1e-9)
        #expect(abs(try #require(share.ofProcessorTime) - 0.4) < 1e-9)
        #expect(abs(try #require(around.othersBusy) - 1.2) < 1e-9)
    }
}
