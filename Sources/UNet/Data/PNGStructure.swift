/// What can be told of a PNG file before it is decoded: signature, header and chunk lengths.
///
/// libpng stops at the last row, so a file cut in its last bytes would pass; and it reads 16-bit samples as
/// linear light, which would change the picture in silence. Layout: PNG specification, third edition, section 5.
enum PNGStructure {
    private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    /// Beyond this a header is taken for damaged; a medical video is far below.
    private static let largestSide = 16_384

    /// Throws `.badData` unless `bytes` is a complete PNG file of at most 8 bits a sample.
    static func check(_ bytes: [UInt8], _ name: String) throws(UNetError) {
        guard !bytes.isEmpty else {
            throw bad(
                "\(name) is an empty file.",
                "Copy it again from its source, or remove the frame from the folder."
            )
        }
        guard bytes.starts(with: signature) else {
            throw bad("\(name) is not a PNG file.", "Convert it to 8-bit PNG, or move it out of the folder.")
        }
        // Signature 8, length 4, "IHDR" 4, then width 4, height 4, depth 1, colour 1 and three more bytes.
        guard bytes.count >= 33, chunkName(bytes, at: 8) == "IHDR" else { throw truncated(name) }
        let width = number(bytes, at: 16)
        let height = number(bytes, at: 20)
        guard (1...largestSide).contains(width) && (1...largestSide).contains(height) else {
            throw bad(
                "\(name) claims to be \(width) x \(height) pixels, outside 1 to \(largestSide) a side.",
                "Remove the file if its header is damaged, or scale the image."
            )
        }
        guard bytes[24] <= 8 else {
            throw bad("\(name) has \(bytes[24]) bits a sample.", "Convert it to 8 bits, as the data set has them.")
        }
        try checkChunks(bytes, name)
    }

    /// Walks from chunk to chunk up to IEND.
    private static func checkChunks(_ bytes: [UInt8], _ name: String) throws(UNetError) {
        var offset = signature.count
        while offset + 12 <= bytes.count {
            if chunkName(bytes, at: offset) == "IEND" { return }
            offset += 12 + number(bytes, at: offset)
        }
        throw truncated(name)
    }

    private static func number(_ bytes: [UInt8], at offset: Int) -> Int {
        bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }

    private static func chunkName(_ bytes: [UInt8], at offset: Int) -> String {
        String(decoding: bytes[offset + 4..<offset + 8], as: UTF8.self)
    }

    private static func truncated(_ name: String) -> UNetError {
        bad("\(name) is truncated.", "Copy it again from its source, or remove the frame from the folder.")
    }

    private static func bad(_ problem: String, _ remedy: String) -> UNetError {
        UNetError(code: .badData, problem: problem, remedy: remedy)
    }
}
