import Foundation
import Testing

/// On a real Slurm cluster: what jobs leave, what is made of it, and what Slurm says of the same.
///
/// Node k of the cluster draws 100 + 20 k watts; those joules are invented, and known.
@Suite(.serialized, .enabled(if: SlurmLab.lack == nil, "\(SlurmLab.lack ?? "")"))
struct SlurmLabTests {
    private func job(_ document: [String: Any], _ place: Int = 0) throws -> [String: Any] {
        let jobs = try #require(document["jobs"] as? [[String: Any]])
        return try #require(place < jobs.count ? jobs[place] : nil)
    }

    private func nodes(_ job: [String: Any]) throws -> [[String: Any]] {
        try #require((job["parts"] as? [String: Any])?["nodes"] as? [[String: Any]])
    }

    /// Each node's joules are its watts over its seconds, and the job's are their sum.
    private func check(_ job: [String: Any]) throws {
        var sum = 0.0
        for node in try nodes(job) {
            let name = try #require(node["name"] as? String)
            let number = try #require(Double(name.dropFirst("node".count)))
            let (joules, seconds) = (node["joules"] as? Double ?? -1, node["duration_s"] as? Double ?? 0)
            // Two readings' age: the feeder writes every 10 ms, on a machine that may be busy.
            #expect(abs(joules - seconds * (100 + 20 * number)) < 0.05 * joules + 25, "\(name): \(joules) J")
            sum += joules
        }
        let total = try #require(job["total_j"] as? Double)
        #expect(abs(total - sum) < 1e-6 * sum)
    }

    @Test func aClusterFromOneStepToPreemption() throws {
        let lab = try SlurmLab()
        defer { lab.down() }
        try steps(lab)
        try mpi(lab)
        try arraysAndComponents(lab)
        try sharedNode(lab)
        try site(lab)
        try preemption(lab)
    }

    private func steps(_ lab: SlurmLab) throws {
        try lab.shell("srun -J steps -N3 -n5 wattbook run --quiet -- ./app 1")
        let folder = try lab.shell("ls -d wattbook-*").trimmingCharacters(in: .whitespacesAndNewlines)
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(lab.work)/\(folder)")
        #expect(files.count == 3 && files.allSatisfy { $0.hasSuffix(".sqlite") }, "\(files)")
        let first = try job(try lab.json("wattbook merge \(folder) --ledger steps.sqlite --json"))
        try check(first)
        let ranks = try #require((first["parts"] as? [String: Any])?["ranks"] as? [[String: Any]])
        #expect(ranks.compactMap { $0["rank"] as? Int } == [0, 1, 2, 3, 4])
        #expect(ranks.allSatisfy { ($0["node"] as? String) == ($0["host"] as? String) })
        for rank in ranks {
            let region = try #require((rank["regions"] as? [[String: Any]])?.first)
            #expect(region["path"] as? String == "train" && region["joules"] as? Double ?? 0 > 0)
        }
        // Again, in another order, into another ledger, and without a node.
        let again = try job(try lab.json("wattbook merge \(folder) --ledger steps.sqlite --json"))
        #expect(NSDictionary(dictionary: again).isEqual(to: first))
        let reversed = try lab.json("wattbook merge $(ls -r \(folder)/*) --ledger other.sqlite --json")
        #expect(NSDictionary(dictionary: try job(reversed)).isEqual(to: first))
        let without = try lab.json("wattbook merge $(ls \(folder)/* | head -2) --ledger less.sqlite --json")
        let missing = (try job(without)["parts"] as? [String: Any])?["missing"] as? [String: Any]
        #expect(missing?["nodes"] as? [String] == ["node3"] && missing?["ranks"] as? [String] == ["0:4"])
        let status = try lab.shell(
            "wattbook merge $(ls \(folder)/* | head -2) --ledger less.sqlite >/dev/null; echo $?"
        )
        #expect(status == "65\n")
    }

    private func mpi(_ lab: SlurmLab) throws {
        let options = "--mca btl_tcp_if_include lo --mca oob_tcp_if_include lo --mca btl self,tcp"
        try lab.shell(
            """
            export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 WATTBOOK_JOB_DIR=mpi
            salloc -N2 -n4 mpirun \(options) wattbook run --quiet -- ./app 1
            """
        )
        let merged = try job(try lab.json("wattbook merge mpi --ledger mpi.sqlite --json"))
        try check(merged)
        // One sampler a node, though mpirun's daemons give all ranks of a node Slurm's local rank 0.
        #expect(try nodes(merged).compactMap { ($0["ranks"] as? [Int])?.count } == [2, 2])
    }

    private func arraysAndComponents(_ lab: SlurmLab) throws {
        try lab.shell(
            """
            export WATTBOOK_JOB_DIR=array
            sbatch -W --array=1-3 -n1 --wrap 'srun wattbook run --quiet -- ./app 0.5'
            WATTBOOK_JOB_DIR=het srun -N1 -n1 : -N1 -n2 wattbook run --quiet -- ./app 0.5
            """
        )
        let array = try #require(try lab.json("wattbook merge array --ledger array.sqlite --json")["jobs"] as? [Any])
        #expect(array.count == 3)
        let components = try lab.json("wattbook merge het --ledger het.sqlite --json")
        #expect((components["jobs"] as? [Any])?.count == 1)
        try check(try job(components))
    }

    /// Real Slurm gives each of two jobs on a node all of its joules; ours divide them.
    private func sharedNode(_ lab: SlurmLab) throws {
        try lab.shell(
            """
            export WATTBOOK_JOB_DIR=shared
            for i in 1 2; do srun -J s$i -p main -w node4 -n1 --mem=10 -s wattbook run --quiet -- ./app 4 & done; wait
            wattbook merge shared --ledger shared.sqlite
            """
        )
        try lab.wait(until: "[ $(sacct -X -n -P --name s1,s2 --state CD -o ConsumedEnergyRaw | grep -c .) = 2 ]")
        let ids = try lab.shell("sacct -X -n -P --name s1,s2 -o JobIDRaw").split(separator: "\n")
        var (slurm, parts, node) = (0.0, 0.0, 0.0)
        for id in ids {
            let document = try lab.json("wattbook slurm \(id) --ledger shared.sqlite --json")
            #expect(document["plugin"] as? String == "pm_counters")
            let attempt = try #require((document["attempts"] as? [[String: Any]])?.first)
            #expect(attempt["believe"] as? String == "ours")
            #expect((attempt["neighbours"] as? [[String: Any]])?.count == 1)
            slurm += attempt["slurm_j"] as? Double ?? 0
            parts += attempt["part_j"] as? Double ?? 0
            node = max(node, attempt["total_j"] as? Double ?? 0)
        }
        #expect(slurm > 1.7 * node, "Slurm \(slurm) J for a node of \(node) J")
        #expect(abs(parts - node) < 0.1 * node, "parts \(parts) J of \(node) J")
    }

    /// The prolog, the epilog and the plugin measure what says nothing of it, for its owner alone.
    private func site(_ lab: SlurmLab) throws {
        try lab.wait(until: "[ -z \"$(squeue -h)\" ]")
        try lab.shell("rm -f \(lab.site)/*; srun --uid=65534 --gid=65534 -J site -N2 -n2 --energy sleep 2")
        try lab.wait(until: "[ $(ls \(lab.site)/*.sqlite 2>/dev/null | wc -l) = 4 ]")
        let listing = try lab.shell("stat -c '%a %u %g %n' \(lab.site)/*.sqlite").split(separator: "\n")
        #expect(listing.count == 4 && listing.allSatisfy { $0.hasPrefix("600 65534 65534") }, "\(listing)")
        // Step and job in one: each node and instant counts once.
        let merged = try job(try lab.json("wattbook merge \(lab.site) --ledger site.sqlite --json"))
        try check(merged)
        #expect(merged["duration_s"] as? Double ?? 0 > 1.9)
        try lab.shell("rm -f \(lab.site)/*; srun -N1 true")
        try lab.wait(until: "[ $(ls \(lab.site)/*.sqlite 2>/dev/null | wc -l) = 1 ]")
        #expect(try lab.shell("ls \(lab.site)").contains(".0-") == false)
    }

    /// A job that gives way to another: both attempts are runs, ended as what they were.
    private func preemption(_ lab: SlurmLab) throws {
        try """
        #!/bin/bash
        srun wattbook run --quiet --job-dir low -- ./app 4
        """.write(toFile: lab.work + "/low.sh", atomically: true, encoding: .utf8)
        let id = try lab.shell("sbatch --parsable -p low -N2 -n2 --requeue low.sh").filter(\.isNumber)
        try lab.wait(until: "[ -d low ]")
        try lab.shell("sleep 2; srun -p high --exclusive -N4 -n8 sleep 1; scontrol update JobId=\(id) StartTime=now")
        try lab.wait(60, until: "[ $(sacct -D -X -n -P -j \(id) --state CD -o State | wc -l) = 1 ]")
        try lab.wait(until: "[ $(ls low/*.sqlite | wc -l) = 4 ]")
        let document = try lab.json("wattbook merge low --ledger low.sqlite --json")
        let (first, second) = (try job(document, 0), try job(document, 1))
        #expect(first["exit_status"] as? Int == 143 && first["restarts"] as? Int == 0)
        #expect(second["exit_status"] as? Int == 0 && second["restarts"] as? Int == 1)
        try check(first)
        try check(second)
        let attempts = try lab.json("wattbook slurm \(id) --ledger low.sqlite --json")["attempts"] as? [[String: Any]]
        #expect(attempts?.compactMap { $0["state"] as? String } == ["PREEMPTED", "COMPLETED"])
        #expect(attempts?.allSatisfy { $0["slurm_j"] is Double && $0["total_j"] is Double } == true)
    }
}
