import Testing

@testable import UNet

@Suite("PNG files")
struct PNGTests {
    private let ramp = (0..<12).map { UInt8(20 * $0) }

    @Test(arguments: ["gray", "rgb", "rgba", "gray-alpha", "palette"])
    func `every colour type reads as the same gray`(name: String) throws {
        let image = try GrayImage(contentsOfPNG: fixture("PNG/\(name).png"))
        #expect(image == GrayImage(width: 4, height: 3, pixels: ramp))
    }

    @Test func `one bit a sample spans black to white`() throws {
        let image = try GrayImage(contentsOfPNG: fixture("PNG/one-bit.png"))
        #expect(image.pixels == Array([[255, 0, 255, 0], [255, 0, 255, 0], [255, 0, 255, 0]].joined()))
    }

    @Test func `transparency lies on black`() throws {
        let image = try GrayImage(contentsOfPNG: fixture("PNG/transparent.png"))
        #expect(image.pixels.allSatisfy { $0 == 0 })
    }

    @Test(arguments: [
        ("sixteen-bit", "16 bits"), ("truncated", "truncated"), ("no-end", "truncated"), ("checksum", "damaged"),
        ("huge", "3000000000"), ("short-data", "damaged"), ("empty", "empty"), ("text", "not a PNG"),
    ])
    func `a bad file is named with its fault`(name: String, fault: String) throws {
        let path = fixture("PNG/\(name).png")
        let error = try #require(throws: UNetError.self) { try GrayImage(contentsOfPNG: path) }
        #expect(error.code == .badData)
        #expect(error.problem.contains(path))
        #expect(error.problem.contains(fault))
        #expect(error.problem.hasSuffix(".") && error.remedy.hasSuffix("."))
    }

    @Test func `a missing file is missing input`() throws {
        let error = try #require(throws: UNetError.self) { try GrayImage(contentsOfPNG: "/nowhere/7.png") }
        #expect(error.code == .missingInput)
        #expect(error.problem.contains("/nowhere/7.png"))
    }

    @Test func `a folder is bad data`() throws {
        let error = try #require(throws: UNetError.self) { try GrayImage(contentsOfPNG: fixture("PNG")) }
        #expect(error.code == .badData)
    }

    /// Every way to cut a file short must throw; none may trap or pass.
    @Test func `no prefix of a file passes for the file`() throws {
        let whole = try GrayImage(width: 4, height: 3, pixels: ramp).png(channels: 3)
        for length in 0..<whole.count {
            #expect(throws: UNetError.self) { try GrayImage(png: Array(whole[..<length]), name: "cut") }
        }
    }

    /// Any single damaged byte gives an image or an error, never a trap.
    @Test func `damage never traps`() throws {
        let whole = try GrayImage(width: 4, height: 3, pixels: ramp).png()
        for index in whole.indices {
            var damaged = whole
            damaged[index] ^= 0x55
            _ = try? GrayImage(png: damaged, name: "damaged")
        }
    }

    @Test(arguments: [1, 3])
    func `what is written reads back`(channels: Int) throws {
        var random = Xoshiro256(seed: 3)
        for (width, height) in [(1, 1), (1, 9), (17, 5), (64, 64)] {
            let pixels = (0..<width * height).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let image = GrayImage(width: width, height: height, pixels: pixels)
            #expect(try GrayImage(png: image.png(channels: channels), name: "memory") == image)
        }
    }
}

@Suite("Writing files")
struct PNGFileTests {
    @Test func `a file that cannot be written is named and leaves nothing behind`() throws {
        let folder = try DatasetFolder()
        try folder.write("file", "")
        let path = "\(folder.path)/file/0.png"
        let error = try #require(throws: UNetError.self) { try writeFile(path, [1]) }
        #expect(error.code == .cannotWrite)
        #expect(error.problem.contains(path))
        #expect(try folder.names() == ["file"])
    }

    @Test func `a failed rename removes the temporary file`() throws {
        let folder = try DatasetFolder()
        try makeFolder("\(folder.path)/taken/full")
        #expect(throws: UNetError.self) { try writeFile("\(folder.path)/taken", [1]) }
        #expect(try folder.names() == ["taken"])
    }

    @Test func `folders are made with those above them`() throws {
        let folder = try DatasetFolder()
        try makeFolder("\(folder.path)/a/b/c")
        try makeFolder("\(folder.path)/a/b/c")
        #expect(try folder.names("a/b") == ["c"])
        try folder.write("file", "")
        #expect(throws: UNetError.self) { try makeFolder("\(folder.path)/file/c") }
    }
}

@Suite("Resizing")
struct PNGResizingTests {
    private let image = GrayImage(width: 2, height: 2, pixels: [0, 100, 200, 50])

    @Test func `bilinear weights come from sample centres`() {
        // Centres of four samples over two lie at -0.25 (held to 0), 0.25, 0.75 and 1.25 (held to 1).
        #expect(image.resizedBilinear(width: 4, height: 1).pixels == [100, 94, 81, 75])
        #expect(image.resizedBilinear(width: 1, height: 1).pixels == [88])
        #expect(image.resizedBilinear(width: 2, height: 2) == image)
    }

    @Test func `nearest keeps labels`() {
        let large = image.resizedNearest(width: 5, height: 3)
        #expect(Set(large.pixels).isSubset(of: Set(image.pixels)))
        #expect(image.resizedNearest(width: 4, height: 4).pixels[..<4] == [0, 0, 100, 100])
        #expect(large.width == 5 && large.height == 3)
    }

    @Test func `both stay within the range of the image`() {
        var random = Xoshiro256(seed: 11)
        for _ in 0..<50 {
            let (width, height) = (Int.random(in: 1...9, using: &random), Int.random(in: 1...9, using: &random))
            let pixels = (0..<width * height).map { _ in UInt8.random(in: 40...200, using: &random) }
            let resized = GrayImage(width: width, height: height, pixels: pixels).resizedBilinear(width: 6, height: 6)
            #expect(resized.pixels.allSatisfy { $0 >= pixels.min() ?? 0 && $0 <= pixels.max() ?? 0 })
        }
    }
}
