internal import ArgumentParser
internal import Foundation
internal import UNet

/// `wattbook-unet synthesize`: makes a data set.
struct Synthesize: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a set of synthetic images with masks, in the layout of BAGLS.",
        discussion: """
            DIR/training/ receives N.png, N_seg.png and N.meta. 7 % of the masks are empty and the glottis covers \
            0.7 % of the image on average, as in BAGLS. The same options give the same files, byte for byte. \
            For a short training that should reach a good IoU, a larger --area such as 0.03 is easier to learn.
            """
    )

    @Option(help: ArgumentHelp("Folder to write into; made where missing.", valueName: "dir"))
    var out: String
    @Option(help: "Number of images for training.")
    var count = 200
    @Option(help: "Number of further images, from other videos, in DIR/test/.")
    var test = 0
    @Option(help: "Side of the square images in pixels.")
    var size = 256
    @Option(help: "Seed from which everything random follows.")
    var seed: UInt64 = 1
    @Option(help: "Mean fraction of the image that is glottis.")
    var area = 0.007
    @Flag(help: "Print one JSON document on standard output.")
    var json = false
    @Flag(help: "Print nothing but errors.")
    var quiet = false

    func run() throws {
        try check("--test", test, in: 0...10_000_000)
        let progress = ProgressLine(isShown: !quiet)
        let sets = [("training", count, seed), ("test", test, ~seed)].filter { $0.0 == "training" || $0.1 > 0 }
        for (name, count, seed) in sets {
            let set = Synthesis(count: count, size: size, seed: seed, area: area)
            try set.write(to: "\(out)/\(name)") { written in
                progress.show(fraction: Double(written) / Double(count), "\(name)  \(written)/\(count) images")
            }
        }
        progress.clear()
        if json {
            try printJSON(
                Document(folder: out, images: count, testImages: test, size: size, seed: seed, area: area)
            )
        } else if !quiet {
            try printOutput(
                "\(out): \(count) images of \(size) x \(size) pixels\(test > 0 ? " and \(test) for tests" : "")"
            )
        }
    }

    private struct Document: Encodable {
        var schema = "wattbook.unet.synthesis/1"
        var folder: String
        var images: Int
        var testImages: Int
        var size: Int
        var seed: UInt64
        var area: Double
    }
}
