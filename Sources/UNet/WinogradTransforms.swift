/// What F(4x4, 3x3) of Lavin and Gray (CVPR 2016) keeps of a convolution besides its operands, in values.
struct WinogradTransforms {
    /// Tiles of the image, read and written.
    var pixels: Int
    var weights: Int

    init(batch: Int, size: ImageSize, inputs: Int, outputs: Int) {
        let tiles = batch * ((size.height + 3) / 4) * ((size.width + 3) / 4)
        // Six by six products for a tile of four by four pixels, and for a kernel of three by three.
        pixels = 36 * tiles * (inputs + outputs)
        weights = 36 * inputs * outputs
    }

    /// Whether a convolution goes without, being in the lowest level.
    ///
    /// Many channels and few pixels: half of all that the algorithm keeps would be for the weights of this level, where
    /// it gains the least.
    func areTooLarge(atLevel level: Int, ofDepth depth: Int) -> Bool { level == depth && weights > 2 * pixels }
}
