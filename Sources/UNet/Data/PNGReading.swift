internal import CPNG

extension GrayImage {
    /// Reads a PNG file of 8 bits or fewer a sample as gray: colour becomes luminance, transparency lies on black.
    ///
    /// Errors: `.missingInput` when there is no such file, `.badData` when it is empty, truncated, damaged,
    /// no PNG, or has 16 bits a sample.
    public init(contentsOfPNG path: String) throws(UNetError) {
        try self.init(png: readFile(path), name: path)
    }

    /// Decodes a PNG file held in memory; `name` is what errors call it.
    public init(png bytes: [UInt8], name: String) throws(UNetError) {
        try PNGStructure.check(bytes, name)
        let outcome = unsafe bytes.withUnsafeBytes { data in unsafe Self.decode(data, name) }
        self = try outcome.get()
    }

    /// libpng keeps the address of the file's bytes from its first call to its last, so both stay in one scope.
    private static func decode(_ data: UnsafeRawBufferPointer, _ name: String) -> Result<GrayImage, UNetError> {
        var image = unsafe png_image()
        unsafe image.version = UInt32(PNG_IMAGE_VERSION)
        defer { unsafe png_image_free(&image) }
        guard unsafe png_image_begin_read_from_memory(&image, data.baseAddress, data.count) != 0 else {
            return unsafe .failure(damaged(name, message(of: image)))
        }
        let (width, height) = unsafe (Int(image.width), Int(image.height))
        unsafe image.format = 0  // PNG_FORMAT_GRAY, a macro that Swift does not import: one 8-bit gray channel.
        var black = png_color(red: 0, green: 0, blue: 0)
        var pixels = [UInt8](repeating: 0, count: width * height)
        let finished = unsafe pixels.withUnsafeMutableBytes { samples in
            unsafe png_image_finish_read(&image, &black, samples.baseAddress, 0, nil)
        }
        guard finished != 0 else { return unsafe .failure(damaged(name, message(of: image))) }
        return .success(GrayImage(width: width, height: height, pixels: pixels))
    }

    private static func damaged(_ name: String, _ message: String) -> UNetError {
        UNetError(
            code: .badData,
            problem: "\(name) is a damaged PNG file: \(message).",
            remedy: "Copy it again from its source, or remove the frame from the folder."
        )
    }

    /// libpng's own words: a C string of at most 64 bytes inside the structure.
    private static func message(of image: png_image) -> String {
        unsafe withUnsafeBytes(of: image.message) { text in
            unsafe String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
