import Foundation
import Testing

/// One training by several ranks of OpenMPI's `mpirun`, on this host alone.
@Suite(
    "wattbook-unet train by ranks",
    .enabled(if: Ranks.exists, "There is no mpirun of OpenMPI: install openmpi-bin to test ranks."),
    .serialized
)
struct RanksTests {
    @Test(
        "as many steps learn the same from the same whole batches, whoever computes which share of them",
        arguments: [
            (["--engine", "onednn"], 1e-5), (["--engine", "openblas"], 1e-5), (["--preset", "bagls"], 1e-5),
            (["--preset", "bagls", "--size", "32x16", "--engine", "openblas"], 1e-5),
            (["--preset", "bagls", "--size", "16x32", "--precision", "bf16", "--allow-emulation"], 1e-3),
        ] as [([String], Double)]
    )
    func equal(net: [String], limit: Double) throws {
        let ranks = try Ranks()
        let one = try ranks.train(1, net).json()
        let alone = try #require(one["loss"] as? Double)
        #expect(one["processes"] as? Int == 1 && one["allreduce"] is NSNull && one["communication_s"] is NSNull)
        for count in [2, 4] {
            let many = try ranks.train(count, net)
            try #require(many.status == 0, "\(many.errors)")
            let document = try many.json()
            for key in ["first_loss", "loss", "validation_loss"] {
                let (wanted, found) = (try #require(one[key] as? Double), try #require(document[key] as? Double))
                #expect(abs(found - wanted) <= limit * wanted, "\(count) ranks, \(key)")
            }
            #expect(document["iou"] as? Double == one["iou"] as? Double)
            #expect(document["processes"] as? Int == count && document["batch"] as? Int == 8)
            #expect(document["batch_per_process"] as? Int == 8 / count && document["images"] as? Int == 40)
            #expect(document["allreduce"] as? String == "fp32" && document["batch_norm"] as? String == "synchronised")
            let total = try #require(document["communication_s"] as? Double)
            let exposed = try #require(document["exposed_communication_s"] as? Double)
            #expect(exposed > 0 && exposed <= total)
        }
        // That the loss is not the same whatever is computed.
        let local = try ranks.train(2, net + ["--batch-norm", "local"]).json()
        let other = try #require(local["loss"] as? Double)
        #expect(abs(other - alone) > 1e-5 * alone && local["batch_norm"] as? String == "local")
    }

    @Test("sums in bf16 are near those in fp32, and not the same")
    func bf16() throws {
        let ranks = try Ranks()
        let exact = try #require(try ranks.train(2).json()["loss"] as? Double)
        let document = try ranks.train(2, ["--allreduce", "bf16"]).json()
        let rounded = try #require(document["loss"] as? Double)
        #expect(rounded != exact && abs(rounded - exact) < 2e-3 * exact && document["allreduce"] as? String == "bf16")
    }

    @Test("a training by one process goes on by two ranks, and rank 0 alone writes")
    func resume() throws {
        let ranks = try Ranks()
        let path = "\(ranks.folder.path)/net"
        let whole = try ranks.train(1, ["--steps", "6"]).json()
        try #require(try ranks.train(1, ["--steps", "3", "--checkpoint", path]).status == 0)
        let rest = try ranks.train(2, ["--steps", "6", "--resume", path, "--checkpoint", path])
        try #require(rest.status == 0, "\(rest.errors)")
        let wanted = try #require(whole["validation_loss"] as? Double)
        let found = try #require(try rest.json()["validation_loss"] as? Double)
        #expect(abs(found - wanted) <= 1e-5 * wanted)
        #expect(try FileManager.default.contentsOfDirectory(atPath: ranks.folder.path).sorted() == ["net", "set"])
    }

    @Test("every rank marks its regions and says who it is")
    func marks() throws {
        let ranks = try Ranks()
        let path = "\(ranks.folder.path)/marks"
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        #expect(try ranks.train(2, environment: ["WATTBOOK_MARKS": path]).status == 0)
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        for rank in 0..<2 {
            #expect(lines.count { $0.contains(" info rank=\(rank) ranks=2 host=") } == 1)
        }
        for verb in ["begin", "end"] {
            #expect(lines.count { $0.contains(" \(verb) step") } == 10)
        }
        let threads = Set(lines.filter { $0.contains(" begin train") }.map { $0.split(separator: " ")[1] })
        #expect(threads.count == 2)
        // Each counts its own share of five batches of eight.
        #expect(lines.count { $0.hasSuffix(" count images=4") } == 10)
    }

    @Test("what cannot be shared, and ranks that differ, are refused in one sentence")
    func refused() throws {
        let ranks = try Ranks()
        for (count, script, status, words) in [
            (3, "", 64, "--batch 8 cannot be shared by 3 ranks"),
            (2, "--seed $OMPI_COMM_WORLD_RANK", 64, "The 2 ranks differ in --seed"),
            (2, "--memory-limit 1MiB", 69, "--memory-limit"),
            (2, "--batch 64", 64, "fewer than the --batch of 64"),
        ] as [(Int, String, Int32, String)] {
            let call = try ranks.train(count, script: script)
            #expect(call.status == status, "\(call.errors)")
            let own = call.errorLines.filter { $0.hasPrefix("wattbook-unet") }
            #expect(own.count == 1 && own.first?.contains(words) == true, "\(call.errors)")
        }
    }

    @Test("one rank that fails ends all of them with its sentence, and so does one that is killed")
    func failing() throws {
        let ranks = try Ranks()
        let gone = try ranks.train(2, script: "$([ $OMPI_COMM_WORLD_RANK = 1 ] && echo --data /nowhere)")
        #expect(gone.status == 66 && gone.errors.contains("(rank 1 on "), "\(gone.errors)")
        let begin = Date()
        // One rank is gone in the midst of a training that would take minutes.
        let killed = try ranks.train(
            2,
            ["--steps", "1000000"],
            script: "& own=$!; [ $OMPI_COMM_WORLD_RANK = 1 ] && sleep 1 && kill -9 $own; wait $own"
        )
        #expect(killed.status != 0 && Date().timeIntervalSince(begin) < 60)
    }

    @Test("a loss that is no number ends all ranks, and rank 0 leaves the account of it")
    func diverged() throws {
        let ranks = try Ranks()
        let net = "\(ranks.folder.path)/net"
        let call = try ranks.train(2, ["--learning-rate", "1e30", "--steps", "50", "--checkpoint", net])
        #expect(call.status == 65, "\(call.errors)")
        #expect(call.errors.contains("is not a finite number") && call.output.contains("\"error\""))
        #expect(call.errorLines.count { $0.hasPrefix("wattbook-unet") } == 1, "\(call.errors)")
    }

    @Test("another MPI's launcher is named")
    func foreign() throws {
        let call = try Ranks().train(1, environment: ["PMI_SIZE": "2", "PMI_RANK": "0"])
        #expect(call.status == 69 && call.errors.contains("is not OpenMPI's"), "\(call.errors)")
    }
}

/// Trainings of a small net on a small set by so many ranks.
private struct Ranks {
    let folder: CommandFolder

    static let launcher = ["/usr/bin/mpirun", "/usr/local/bin/mpirun"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }
    static let exists = launcher != nil

    init() throws {
        folder = try CommandFolder()
        let set = ["--out", "\(folder.path)/set", "--count", "24", "--size", "32", "--area", "0.03", "--quiet"]
        let made = try UNetCommand(["synthesize"] + set)
        try #require(made.status == 0, "\(made.errors)")
    }

    /// Trains by `count` ranks; `script` is what a shell adds to each rank's call.
    func train(
        _ count: Int,
        _ more: [String] = [],
        script: String = "",
        environment: [String: String] = [:]
    ) throws -> UNetCommand {
        var launcher: [String] = []
        if count > 1, let mpirun = Self.launcher {
            launcher =
                ["/usr/bin/timeout", "-k", "5", "120", mpirun, "--oversubscribe", "--mca", "plm", "isolated"]
                + ["--mca", "btl", "self,vader,tcp", "--mca", "btl_tcp_if_include", "lo"]
                + ["--mca", "oob_tcp_if_include", "lo", "-np", "\(count)"]
                + (script.isEmpty ? [] : ["/bin/bash", "-c", "\"$0\" \"$@\" \(script)"])
        }
        let allowed = ["OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"]
        return try UNetCommand(
            [
                "train", "--data", "\(folder.path)/set", "--filters", "4", "--depth", "2", "--size", "32",
                "--batch", "8", "--threads", "1", "--seed", "3", "--json", "--quiet",
            ] + (more.contains("--steps") ? [] : ["--steps", "5"]) + more,
            environment: allowed.merging(environment) { $1 },
            launcher: launcher
        )
    }
}
