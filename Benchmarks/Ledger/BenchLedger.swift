import Ledger
import Metering
import Quantities
import Statistics

import class Foundation.FileManager

/// Writes a ledger with an experiment of two arms, to be read by the commands whose cost is asked for.
///
///     bench-ledger PATH RUNS-AN-ARM SAMPLES-A-RUN
///     bench-ledger nodes FOLDER NODES SAMPLES-A-NODE
///
/// The second form writes the ledgers that the nodes of one job leave, for `wattbook merge FOLDER`.
///
/// The runs are invented and alike but for their noise; everything about them goes through the meter's own account.
@main
struct BenchLedger {
    static func main() throws {
        let arguments = CommandLine.arguments
        if arguments.count == 5, arguments[1] == "nodes", let nodes = Int(arguments[3]), let samples = Int(arguments[4])
        {
            return try writeNodes(arguments[2], nodes: nodes, samples: samples)
        }
        guard arguments.count == 4, let runs = Int(arguments[2]), let samples = Int(arguments[3]), samples > 1 else {
            fatalError("say: bench-ledger PATH RUNS-AN-ARM SAMPLES-A-RUN")
        }
        let ledger = try LedgerFile(path: arguments[1], mode: .readWrite)
        try ledger.add(InventedRun.experiment(repeats: runs))
        var random = SplitMix64(seed: 1)
        for block in 0..<runs {
            for (place, level) in InventedRun.levels.enumerated() {
                let run = InventedRun(level, block: block, position: 2 * block + place, samples: samples, &random)
                try ledger.begin(run.start, channels: [run.trace.channels])
                try ledger.append(run.start.id, stream: 0, run.trace)
                try ledger.finish(run.start.id, run.end)
            }
        }
    }

    private static func writeNodes(_ folder: String, nodes: Int, samples: Int) throws {
        var random = SplitMix64(seed: 1)
        let spool = "\(folder)/.spool"
        for node in 0..<nodes {
            let run = InventedRun(node: node, of: nodes, samples: samples, &random)
            let ledger = try LedgerFile(path: spool, mode: .readWrite)
            try ledger.begin(run.start, channels: [run.trace.channels])
            try ledger.append(run.start.id, stream: 0, run.trace)
            try ledger.finish(run.start.id, run.end)
            // As a node delivers it.
            try ledger.copy(to: "\(folder)/wattbook-4711.0-node\(node).sqlite")
            for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: spool + suffix) }
        }
    }
}
