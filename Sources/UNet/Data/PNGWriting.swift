internal import CPNG

extension GrayImage {
    /// The image as a PNG file with one gray channel, or with three equal ones as BAGLS stores its masks.
    ///
    /// The same samples give the same bytes on one version of libpng and zlib.
    public func png(channels: Int = 1) throws(UNetError) -> [UInt8] {
        precondition(channels == 1 || channels == 3, "gray is written with one channel or with three")
        let samples = channels == 1 ? pixels : pixels.flatMap { [$0, $0, $0] }
        return try encodePNG(samples, width: width, height: height, channels: channels)
    }
}

/// Encodes 8-bit samples in row order, gray (1 channel) or RGB (3 channels), as a PNG file.
func encodePNG(_ samples: [UInt8], width: Int, height: Int, channels: Int) throws(UNetError) -> [UInt8] {
    var image = unsafe png_image()
    defer { unsafe png_image_free(&image) }
    unsafe image.version = UInt32(PNG_IMAGE_VERSION)
    unsafe image.width = UInt32(width)
    unsafe image.height = UInt32(height)
    // PNG_FORMAT_GRAY or PNG_FORMAT_RGB.
    unsafe image.format = channels == 1 ? 0 : UInt32(PNG_FORMAT_FLAG_COLOR)

    // PNG_IMAGE_PNG_SIZE_MAX, a macro that Swift does not import, rounded up.
    let raw = (width * channels + 1) * height
    var size: png_alloc_size_t = raw + raw / 4 + 4096
    var file = [UInt8](repeating: 0, count: size)
    let written = unsafe samples.withUnsafeBytes { source in
        unsafe file.withUnsafeMutableBytes { target in
            unsafe png_image_write_to_memory(&image, target.baseAddress, &size, 0, source.baseAddress, 0, nil)
        }
    }
    guard written != 0 else {
        throw UNetError(
            code: .cannotWrite,
            problem: "libpng cannot encode an image of \(width) x \(height) pixels.",
            remedy: "Choose a smaller image."
        )
    }
    file.removeLast(file.count - size)
    return file
}
