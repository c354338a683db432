internal import ArgumentParser
internal import Foundation
internal import UNet

/// The reference workload: a U-Net that learns to find the glottis, in fp32 and in bf16.
@main
struct WattbookUNet: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wattbook-unet",
        abstract: "Train and run a U-Net on images of the vocal folds: the reference workload of Wattbook.",
        discussion: """
            It is measured like any other program:
              wattbook-unet synthesize --out data --count 200 --size 128
              wattbook run -- wattbook-unet train --data data --size 128 --epochs 5
            """,
        subcommands: [Synthesize.self, Train.self, Infer.self, Describe.self, Limit.self]
    )

    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let error as UNetError {
            // What all ranks find wrong, rank 0 says; another one speaks where it has not ended the rest by then.
            let rank = ParallelOptions.launch?.rank ?? 0
            if rank > 0 { usleep(500_000) }
            let name = rank > 0 ? "wattbook-unet (rank \(rank) on \(World.host))" : "wattbook-unet"
            printError("\(name): \(error.problem)\n\(error.remedy)")
            World.abort(error.exitStatus)
            Foundation.exit(error.exitStatus)
        } catch {
            exit(withError: error)
        }
    }
}

extension UNetError {
    /// The status of sysexits.h that stands for this error.
    var exitStatus: Int32 {
        switch code {
        case .usage: 64
        case .badData, .diverged: 65
        case .missingInput: 66
        case .unsupported: 69
        case .cannotWrite: 73
        case .inputOutput: 74
        case .noPermission: 77
        default: 70
        }
    }
}
