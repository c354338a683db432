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
        try scaling(lab)
        try training(lab)
        try preemption(lab)
        try lostNode(lab)
    }

    private func steps(_ lab: SlurmLab) throws {
        try lab.shell("srun -J steps -N3 -n5 wattbook run --quiet -- ./app 1")
        let folder = try lab.shell("ls -d wattbook-*").trimmingCharacters(in: .whitespacesAndNewlines)
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(lab.work)/\(folder)")
        // Where a rank starts late, the node's others have brought theirs, and it brings a second one.
        let nodes = ["node1", "node2", "node3"].allSatisfy { node in files.contains { $0.contains(node) } }
        #expect(nodes && files.allSatisfy { $0.hasSuffix(".sqlite") }, "\(files)")
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

    /// A plan over nodes: cut in the middle, it goes on with the jobs that it submitted, and makes one run of each.
    private func scaling(_ lab: SlurmLab) throws {
        try """
        name: nodes
        workload: {command: [./burn, "{nodes}"]}
        scaling: {over: nodes, values: [1, 2, 4], launch: sbatch, ranks_per_node: 2, sbatch: {time: "0:05:00"}}
        repeats: 2
        warmup: 0
        interval: 20ms
        """.write(toFile: lab.work + "/plan.yaml", atomically: true, encoding: .utf8)
        try """
        #!/bin/bash
        [ "$SLURM_PROCID" != 0 ] || echo "$(python3 -c 'import time; print(time.monotonic_ns())') 1.1 count images=64" >>"$WATTBOOK_MARKS"
        sleep "$(awk "BEGIN { print 2 / $1 }")"
        """.write(toFile: lab.work + "/burn", atomically: true, encoding: .utf8)
        // Cut as soon as a job is in the queue. Without job control a shell's background ignores the signal.
        let cut = try lab.shell(
            """
            chmod 755 burn; set -m
            wattbook scaling plan.yaml --ledger scaling.sqlite --no-color & meter=$!
            for i in $(seq 200); do squeue -h -o %j | grep -q '^wattbook-' && echo queued && break; sleep 0.2; done
            kill -INT $meter; wait $meter || true
            """
        )
        #expect(cut.contains("queued"), "\(cut)")
        let submitted = "sacct -a -X -n -P -S now-1hour -o JobName | grep -c '^wattbook-'"
        let document = try lab.json("wattbook scaling plan.yaml --ledger scaling.sqlite --json")
        #expect(try lab.shell("\(submitted)") == "6\n")
        let table = try #require((document["tables"] as? [[String: Any]])?.first)
        let points = try #require(table["points"] as? [[String: Any]])
        #expect(points.compactMap { $0["units"] as? Int } == [1, 2, 4])
        #expect(points.allSatisfy { ($0["run_ids"] as? [String])?.count == 2 })
        #expect(points.allSatisfy { ($0["energy_per_image_j"] as? [String: Any])?["value"] is Double })
        #expect((document["warnings"] as? [String])?.contains { $0.contains("side by side") } != true)
        let ids = points.compactMap { ($0["run_ids"] as? [String])?.first }
        for (id, nodes) in zip(ids, [1, 2, 4]) {
            let run = try lab.json("wattbook show \(id) --ledger scaling.sqlite --json")
            let parts = try #require(run["job_parts"] as? [String: Any])
            #expect((parts["nodes"] as? [Any])?.count == nodes && (parts["ranks"] as? [Any])?.count == 2 * nodes)
        }
    }

    /// Four ranks on two nodes learn what one process does, and their ledgers are one run.
    private func training(_ lab: SlurmLab) throws {
        let train =
            "wattbook-unet train --data data --threads 1 --batch 4 --size 32 --filters 4 --depth 1 --epochs 3 "
            + "--validation-fraction 0 --seed 3 --json --quiet"
        try lab.shell("wattbook-unet synthesize --out data --count 8 --size 32 --quiet")
        let alone = try lab.json(train)
        let together = try lab.json(
            """
            export OMPI_MCA_btl=self,tcp OMPI_MCA_btl_tcp_if_include=lo OMPI_MCA_mpi_yield_when_idle=1
            srun --mpi=pmix -N2 -w node1,node2 -n4 wattbook run --quiet --job-dir unet -- \(train)
            """
        )
        let losses = try [alone, together].map { document in
            try #require(document["epochs"] as? [[String: Any]]).map { try #require($0["loss"] as? Double) }
        }
        #expect(losses[0].count == 3 && losses[1].count == 3 && together["processes"] as? Int == 4)
        for (one, four) in zip(losses[0], losses[1]) { #expect(abs(one - four) < 1e-5, "\(losses)") }
        let merged = try job(try lab.json("wattbook merge unet --ledger unet.sqlite --json"))
        try check(merged)
        let run = try lab.json("wattbook show last --ledger unet.sqlite --json")
        // Each rank counts its own images.
        #expect((run["counts"] as? [String: Int])?["images"] == 24)
        let picture = try lab.shell("wattbook show last --ledger unet.sqlite --no-color")
        #expect(picture.contains("peak") && picture.contains("train/epoch"), "\(picture)")
        // Its nodes at rest, measured by themselves: these draw the same at all times.
        let rest = try lab.shell(
            "srun -N2 -w node1,node2 wattbook idle --duration 6s --ledger idle.sqlite 2>&1; "
                + "wattbook merge idle.sqlite --ledger unet.sqlite --quiet"
        )
        let above = try lab.json("wattbook show last --ledger unet.sqlite --json")
        let energy = try #require(above["energy"] as? [String: Any])
        let (net, total) = (energy["net_j"] as? Double ?? .infinity, energy["total_j"] as? Double ?? 0)
        #expect(abs(net) < 0.1 * total + 25, "\(net) J above idle of \(total) J; at rest: \(rest)")
    }

    /// A node that is gone in the middle: the others' joules stand, and its share is named.
    private func lostNode(_ lab: SlurmLab) throws {
        try lab.wait(until: "[ -z \"$(squeue -h)\" ]")
        try """
        #!/bin/bash
        srun --no-kill wattbook run --quiet --job-dir lost -- ./app 5
        """.write(toFile: lab.work + "/lost.sh", atomically: true, encoding: .utf8)
        let id = try lab.shell("sbatch --parsable -N3 -n3 --no-kill lost.sh").filter(\.isNumber)
        try lab.wait(until: "[ -d lost ]")
        try lab.shell("sleep 1")
        try lab.lose("node2")
        try lab.shell("scontrol update NodeName=node2 State=DOWN Reason=lost")
        try lab.wait(until: "[ -z \"$(squeue -h -j \(id))\" ]")
        try lab.wait(until: "[ $(ls lost/*.sqlite | wc -l) = 2 ]")
        let status = try lab.shell("wattbook merge lost --ledger lost.sqlite --json >lost.json; echo $?")
        #expect(status == "65\n")
        let merged = try job(try lab.json("cat lost.json"))
        try check(merged)
        let missing = (merged["parts"] as? [String: Any])?["missing"] as? [String: Any]
        #expect(missing?["nodes"] as? [String] == ["node2"] && missing?["ranks"] as? [String] == ["0:1"])
        let share = missing?["node_seconds_share"] as? Double ?? 0
        #expect(abs(share - 1.0 / 3) < 0.05)
    }
}
