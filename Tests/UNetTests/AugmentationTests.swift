import Testing

@testable import UNet

@Suite("Augmentation")
struct AugmentationTests {
    /// A picture without any symmetry, and the mask of its bright part.
    private static let sample = {
        var pixels: [UInt8] = []
        var mask: [UInt8] = []
        for row in 0..<24 {
            for column in 0..<24 {
                pixels.append(UInt8((row * 199 + column * 7) % 200))
                mask.append((6..<14).contains(column) && row < 9 ? 255 : 0)
            }
        }
        return Sample(
            image: GrayImage(width: 24, height: 24, pixels: pixels),
            mask: GrayImage(width: 24, height: 24, pixels: mask),
            width: 24,
            height: 24
        )
    }()

    private static let all = {
        var all = Augmentation()
        (all.flipProbability, all.rotationProbability, all.brightnessProbability) = (0.5, 0.75, 0.75)
        return all
    }()

    @Test func `a change follows from seed, epoch and frame alone`() {
        func changed(_ seed: UInt64, _ epoch: Int, _ index: Int) -> GrayImage {
            Self.all.changed(Self.sample, seed: seed, epoch: epoch, index: index).image
        }
        let first = changed(1, 2, 3)
        #expect(first == changed(1, 2, 3))
        #expect(Set([first, changed(2, 2, 3), changed(1, 3, 3), changed(1, 2, 4)]).count == 4)
    }

    @Test func `without an augmentation a frame is what it was`() {
        let same = Augmentation().changed(Self.sample, seed: 1, epoch: 0, index: 0)
        #expect(same.image == Self.sample.image && same.mask == Self.sample.mask)
    }

    @Test func `image and mask flip together, twice is once never`() {
        var flip = Augmentation()
        flip.flipProbability = 1
        let flipped = flip.changed(Self.sample, seed: 1, epoch: 0, index: 0)
        #expect(flipped.image != Self.sample.image)
        #expect(flipped.image.pixels[0] == Self.sample.image.pixels[23])
        #expect(flipped.mask.pixels[23 - 6] == 255 && flipped.mask.pixels[6] == 0)
        #expect(flipped.image.flipped() == Self.sample.image && flipped.mask.flipped() == Self.sample.mask)
    }

    @Test func `a quarter turn moves samples without mixing them, and four are none`() {
        let image = Self.sample.image
        var turned = image
        for quarter in 1...4 {
            turned = turned.rotatedNearest(degrees: 90)
            // Counterclockwise: the upper right corner comes to the upper left.
            if quarter == 1 { #expect(turned.pixels[0] == image.pixels[23]) }
        }
        #expect(turned == image)
        let smooth = image.rotatedBilinear(degrees: 90)
        let nearest = image.rotatedNearest(degrees: 90)
        let inner = (1..<23).flatMap { row in (1..<23).map { row * 24 + $0 } }
        #expect(inner.allSatisfy { abs(Int(smooth.pixels[$0]) - Int(nearest.pixels[$0])) <= 1 })
    }

    @Test func `a rotated mask stays binary and keeps its area`() {
        var mask = GrayImage(width: 40, height: 40, pixels: [UInt8](repeating: 0, count: 1600))
        for row in 14..<26 { for column in 12..<28 { mask.pixels[row * 40 + column] = 255 } }
        for degrees in stride(from: Float(-30), through: 30, by: 7.5) {
            let turned = mask.rotatedNearest(degrees: degrees)
            #expect(Set(turned.pixels) == [0, 255])
            #expect(abs(turned.pixels.count { $0 == 255 } - 192) < 12, "\(degrees)")
        }
    }

    @Test func `brightness moves all samples alike and stops at black and white`() {
        let image = GrayImage(width: 3, height: 1, pixels: [0, 100, 250])
        #expect(image.brightened(by: 0.1).pixels == [26, 126, 255])
        #expect(image.brightened(by: -0.2).pixels == [0, 49, 199])
        #expect(image.brightened(by: 0) == image)
    }

    @Test func `contrast and gamma move samples along their curves`() {
        let image = GrayImage(width: 4, height: 1, pixels: [0, 64, 191, 255])
        #expect(image.contrasted(by: 0.2).pixels == [0, 51, 204, 255])
        #expect(image.contrasted(by: -0.5).pixels == [64, 96, 159, 191])
        #expect(image.contrasted(by: 0) == image && image.raised(to: 1) == image)
        // 255 (64 / 255)^2 and 255 (191 / 255)^2.
        #expect(image.raised(to: 2).pixels == [0, 16, 143, 255])
    }

    @Test func `a blur keeps flat images and spreads a point over a square`() {
        let flat = GrayImage(width: 5, height: 3, pixels: [UInt8](repeating: 77, count: 15))
        #expect(flat.blurred(radius: 2) == flat)
        var point = GrayImage(width: 7, height: 9, pixels: [UInt8](repeating: 0, count: 63))
        point.pixels[4 * 7 + 3] = 255
        let blurred = point.blurred(radius: 1)
        for row in 0..<9 {
            for column in 0..<7 {
                let inside = abs(row - 4) <= 1 && abs(column - 3) <= 1
                #expect(blurred.pixels[row * 7 + column] == (inside ? 28 : 0))
            }
        }
    }

    @Test func `noise has the deviation asked for`() {
        let gray = GrayImage(width: 100, height: 100, pixels: [UInt8](repeating: 128, count: 10_000))
        var random = Xoshiro256(seed: 4, stream: 1)
        let values = gray.grained(by: 0.04, &random).pixels.map(Double.init)
        let mean = values.reduce(0, +) / 10_000
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 10_000
        #expect(abs(mean - 128) < 0.5 && abs(variance.squareRoot() - 10.2) < 0.4, "\(mean) \(variance)")
    }

    @Test func `changes of tone leave the mask, and older changes as they were`() {
        var more = Self.all
        (more.contrastProbability, more.gammaProbability) = (0.75, 0.75)
        (more.blurProbability, more.noiseProbability) = (0.5, 0.5)
        let (old, new) = (
            (0..<40).map { Self.all.changed(Self.sample, seed: 1, epoch: 0, index: $0) },
            (0..<40).map { more.changed(Self.sample, seed: 1, epoch: 0, index: $0) }
        )
        #expect(old.map(\.mask) == new.map(\.mask))
        #expect(zip(old, new).count { $0.image != $1.image } > 30)
    }

    @Test func `each change comes as often as it should`() {
        var changed = (images: 0, masks: 0)
        for index in 0..<2000 {
            var flip = Augmentation()
            (flip.flipProbability, flip.brightnessProbability) = (0.5, 0.75)
            let sample = flip.changed(Self.sample, seed: 9, epoch: 0, index: index)
            if sample.mask != Self.sample.mask { changed.masks += 1 }
            if sample.image != Self.sample.image { changed.images += 1 }
        }
        // Four standard deviations.
        #expect(abs(changed.masks - 1000) < 90 && abs(changed.images - 1750) < 70, "\(changed)")
    }

    @Test func `a loader changes what is learnt from, epoch by epoch, the same every time`() throws {
        let folder = try DatasetFolder()
        try writeFile("\(folder.path)/0.png", Self.sample.image.png())
        try writeFile("\(folder.path)/0_seg.png", Self.sample.mask.png())
        let cache = SampleCache(try Dataset(folder.path), size: 24)
        func images() throws -> [[Float]] {
            let requests = (0..<4).map { BatchRequest(indices: [0], epoch: $0) }
            let loader = BatchLoader(cache, requests, batch: 1, augmentation: Self.all, seed: 5)
            var (all, batch) = ([[Float]](), Batch())
            while try loader.next(&batch) { all.append(batch.images) }
            return all
        }
        let first = try images()
        #expect(Set(first).count > 1)
        #expect(try images() == first)
        #expect(try cache.sample(0).image == Self.sample.image)
    }
}
