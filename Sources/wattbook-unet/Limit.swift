internal import ArgumentParser
internal import UNet

/// `wattbook-unet limit`: what the machine multiplies and adds at most, beside which a benchmark sets its arms.
struct Limit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure how much the vector units multiply and add at most.",
        shouldDisplay: false
    )

    @Option(help: "Threads to compute with (default: every processor that this process may use).")
    var threads: Int?

    private struct Document: Encodable {
        struct Entry: Encodable {
            var precision: String
            @OrNull var instructions: String?
            /// Two operations for each multiply-accumulate, in 10^9 a second.
            @OrNull var gflopPerS: Double?
        }

        var schema = "wattbook.unet.limit/1"
        var threads: Int
        var limits: [Entry]
    }

    func run() throws {
        let threads = threads ?? Threads.available
        try check("--threads", threads, in: 1...4096)
        let limits = [Precision.fp32, .bf16, .int8].map { precision in
            let limit = MachineLimit(precision, threads: threads)
            return Document.Entry(
                precision: precision.rawValue,
                instructions: limit.instructions,
                gflopPerS: limit.macsPerSecond.map { $0 * 2e-9 }
            )
        }
        try printJSON(Document(threads: threads, limits: limits))
    }
}
