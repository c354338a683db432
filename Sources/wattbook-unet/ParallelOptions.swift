public import ArgumentParser
internal import Foundation
public import UNet

/// How the ranks of `mpirun` or `srun` train one net together; without a launcher these options change nothing.
struct ParallelOptions: ParsableArguments {
    @Option(help: "Type in which gradients travel between ranks: fp32 or bf16, half the bytes.")
    var allreduce = DataParallel.Allreduce.fp32
    @Option(
        help: """
            Statistics of batch normalisation in training: synchronised (those of the whole batch, as in one process) \
            or local (of each rank's share; fewer messages).
            """
    )
    var batchNorm = DataParallel.Statistics.synchronised

    /// How a launcher started this process; nil for one process alone.
    static var launch: Launch? { Launch(environment: ProcessInfo.processInfo.environment) }

    /// Joins the other ranks, where there are some.
    func join() throws(UNetError) -> DataParallel? {
        guard let launch = Self.launch, launch.kind != .none else { return nil }
        return DataParallel(world: try World(joining: launch), allreduce: allreduce, batchNorm: batchNorm)
    }

    /// Sentences on a launch that is allowed but hardly meant.
    static var warnings: [String] {
        guard let launch, launch.kind == .none else { return [] }
        return [
            "srun started \(launch.size) processes that cannot find each other, so that each trains a net of its own: "
                + "srun --mpi=pmix makes them train one together."
        ]
    }

    /// The share of each rank of a batch over all of them; errors: `.usage`.
    static func share(of batch: Int, _ parallel: DataParallel?) throws(UNetError) -> Int {
        guard let size = parallel?.world.size else { return batch }
        guard batch.isMultiple(of: size) else {
            let below = batch / size * size
            throw UNetError(
                code: .usage,
                problem: "--batch \(batch) cannot be shared by \(size) ranks: it counts the images of all of them.",
                remedy: "Choose \(below > 0 ? "\(below) or " : "")\(below + size), or another number of ranks."
            )
        }
        return batch / size
    }

    /// Refuses ranks that were not called for the same training; every rank calls it.
    static func check(_ options: TrainingOptions, _ split: DatasetSplit, _ more: String) throws(UNetError) {
        guard let parallel = options.parallel else { return }
        let different = parallel.world.differences([
            "--preset, --filters or --depth": "\(options.net)", "--batch": "\(options.batch)",
            "--size": "\(options.size)",
            "--precision": "\(options.precision)", "--engine": "\(options.engine)",
            "--learning-rate or --schedule": "\(options.learningRate) \(options.schedule)",
            "--loss": "\(options.loss)", "--seed": "\(options.seed)",
            "--allreduce or --batch-norm": "\(parallel.allreduce) \(parallel.batchNorm)",
            "--steps, --epochs, --augment, --input-range, --patience or --resume": more,
            "the images of --data": "\(split.training) \(split.validation)",
        ])
        guard let first = different.first else { return }
        throw UNetError(
            code: .usage,
            problem: "The \(parallel.world.size) ranks differ in \(first), but they train one net.",
            remedy: "Give every rank the same options and the same data."
        )
    }

    /// Refuses a batch that the training images do not fill; one process would repeat some.
    static func check(images: Int, _ options: TrainingOptions) throws(UNetError) {
        guard options.parallel != nil, images < options.totalBatch else { return }
        throw UNetError(
            code: .usage,
            problem: "The \(images) training images are fewer than the --batch of \(options.totalBatch) of all ranks.",
            remedy: "Choose a smaller --batch, or more images."
        )
    }
}

extension DataParallel.Allreduce: ExpressibleByArgument {}
extension DataParallel.Statistics: ExpressibleByArgument {}
