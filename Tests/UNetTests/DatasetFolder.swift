import Foundation

@testable import UNet

/// A folder that is gone with the last reference to it.
final class DatasetFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "unet-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a text file below the folder and the folders above it.
    func write(_ name: String, _ text: String) throws {
        let file = URL(filePath: path).appending(path: name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    /// Writes a frame: an image of one gray, and a mask whose left half is glottis.
    func writeFrame(_ name: String, width: Int = 8, height: Int = 8, gray: UInt8 = 100, video: String? = nil) throws {
        let image = GrayImage(width: width, height: height, pixels: Array(repeating: gray, count: width * height))
        var mask = image
        for index in mask.pixels.indices { mask.pixels[index] = index % width < width / 2 ? 255 : 0 }
        try makeFolder(URL(filePath: "\(path)/\(name)").deletingLastPathComponent().path)
        try writeFile("\(path)/\(name).png", image.png())
        try writeFile("\(path)/\(name)_seg.png", mask.png(channels: 3))
        if let video { try write("\(name).meta", "{\"Color\": false, \"Video Id\": \(video)}") }
    }

    /// Names of the files in a folder, in order.
    func names(_ folder: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)").sorted()
    }
}

/// Path of a file below the fixtures of this target.
func fixture(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)").path
}
