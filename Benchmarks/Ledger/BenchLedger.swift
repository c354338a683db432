import Ledger
import Metering
import Quantities
import Statistics

/// Writes a ledger with an experiment of two arms, to be read by the commands whose cost is asked for.
///
///     bench-ledger PATH RUNS-AN-ARM SAMPLES-A-RUN
///
/// The runs are invented and alike but for their noise; everything about them goes through the meter's own account.
@main
struct BenchLedger {
    static func main() throws {
        let arguments = CommandLine.arguments
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
}
