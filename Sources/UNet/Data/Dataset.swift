internal import Foundation
internal import Glibc

/// A folder of images with masks in the layout of BAGLS: `N.png`, `N_seg.png` and, where known, `N.meta`.
///
/// Opening lists names only, so that tens of thousands of frames open at once; frames are decoded when asked for.
public struct Dataset: Sendable {
    /// The folder that the frames lie in.
    public let folder: String
    /// The frames' names, `N` of `N.png`, numbers in numeric order.
    public let names: [String]
    /// Whether every image has a mask; a set without any is for inference alone.
    public let hasMasks: Bool

    /// Which part of a BAGLS tree to open.
    public enum Part: String, Sendable {
        case training, test
    }

    /// Lists `path`, or its subfolder `training` or `test` where there is one.
    ///
    /// A missing `test` falls back on `training`. Errors: `.missingInput` for a missing or empty folder,
    /// `.noPermission` for one that may not be listed, `.badData` for an image without a mask and for a mask without an image, both with the file's name;
    /// a folder without any mask passes where `needsMasks` is false.
    public init(_ path: String, part: Part = .training, needsMasks: Bool = true) throws(UNetError) {
        let choices = part == .test ? ["\(path)/test", "\(path)/training", path] : ["\(path)/training", path]
        let folder = choices.first { Self.isFolder($0) } ?? path
        self.folder = folder
        guard !Self.isClosed(folder) else {
            throw UNetError(
                code: .noPermission,
                problem: "The folder \(folder) cannot be listed: permission denied.",
                remedy: "Ask its owner for the right to read and enter it, or name a copy that is yours."
            )
        }
        guard Self.isFolder(folder), let files = Self.files(in: folder) else {
            throw UNetError(
                code: .missingInput,
                problem: "There is no folder \(path) that can be listed.",
                remedy: "Check --data, or make a set with: wattbook-unet synthesize --out DIR --count 200 --size 128."
            )
        }
        hasMasks = needsMasks || !files.masks.isEmpty
        names = try Self.pairs(files.images, files.masks, in: folder, needsMasks: hasMasks)
        guard !names.isEmpty else {
            throw UNetError(
                code: .missingInput,
                problem: "The folder \(folder) holds no image N.png.",
                remedy: "Name the folder that holds N.png and N_seg.png, or the one above its training/."
            )
        }
    }

    /// Number of frames.
    public var count: Int { names.count }

    /// Decodes frame `index` at a size: the image bilinear, the mask nearest.
    ///
    /// Errors: `.badData` for files that cannot be decoded or whose sizes differ.
    public func sample(_ index: Int, size: ImageSize) throws(UNetError) -> Sample {
        let image = try GrayImage(contentsOfPNG: imagePath(index))
        guard hasMasks else {
            let black = GrayImage(
                width: size.width,
                height: size.height,
                pixels: [UInt8](repeating: 0, count: size.pixels)
            )
            let resized = image.resizedBilinear(width: size.width, height: size.height)
            return Sample(image: resized, mask: black, width: image.width, height: image.height)
        }
        let mask = try GrayImage(contentsOfPNG: maskPath(index))
        guard image.width == mask.width && image.height == mask.height else {
            throw UNetError(
                code: .badData,
                problem: "\(maskPath(index)) is \(mask.width) x \(mask.height) pixels, "
                    + "but its image is \(image.width) x \(image.height).",
                remedy: "Copy both files again from their source, or remove the frame from the folder."
            )
        }
        return Sample(
            image: image.resizedBilinear(width: size.width, height: size.height),
            mask: mask.resizedNearest(width: size.width, height: size.height),
            width: image.width,
            height: image.height
        )
    }

    /// Path of the image of frame `index`.
    public func imagePath(_ index: Int) -> String { "\(folder)/\(names[index]).png" }

    /// Path of the mask of frame `index`.
    public func maskPath(_ index: Int) -> String { "\(folder)/\(names[index])_seg.png" }

    /// The video that each frame is from, by its `.meta` file; nil without one.
    public var videos: [String?] {
        // Relative to the folder each file is found at once, however deep that lies.
        let folder = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return names.map { _ in nil } }
        defer { close(folder) }
        return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4096) { buffer in
            names.map { name in
                let file = unsafe openat(folder, "\(name).meta", O_RDONLY | O_CLOEXEC | O_NONBLOCK)
                guard file >= 0 else { return nil }
                defer { close(file) }
                // BAGLS' descriptions have some 150 bytes; what lies behind the buffer's end is not looked at.
                let count = unsafe read(file, buffer.baseAddress, buffer.count)
                return count > 0
                    ? unsafe VideoID.find(in: UnsafeRawBufferPointer(start: buffer.baseAddress, count: count)) : nil
            }
        }
    }
}

/// A frame at the size of the net: the image and its mask, where 128 and more is glottis.
public struct Sample: Sendable {
    /// The picture.
    public var image: GrayImage
    /// Its mask; black where the set has none.
    public var mask: GrayImage
    /// Columns of the image on disk.
    public var width: Int
    /// Rows of the image on disk.
    public var height: Int
}

extension Dataset {
    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// Whether a folder is there that this user may not list or enter.
    private static func isClosed(_ path: String) -> Bool {
        guard isFolder(path) else { return false }
        return unsafe access(path, R_OK | X_OK) != 0
    }

    /// The names of images and masks without their endings, in the order of the file system; nil for no folder.
    private static func files(in folder: String) -> (images: [String], masks: [String])? {
        guard let stream = unsafe opendir(folder) else { return nil }
        defer { unsafe closedir(stream) }
        var (images, masks) = ([String](), [String]())
        while let entry = unsafe readdir(stream) {
            unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                guard let start = bytes.baseAddress else { return }
                let length = unsafe strlen(start.assumingMemoryBound(to: CChar.self))
                func ends(_ text: StaticString) -> Bool {
                    let count = text.utf8CodeUnitCount
                    return unsafe length > count && memcmp(start + length - count, text.utf8Start, count) == 0
                }
                func name(_ ending: Int) -> String {
                    unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: length - ending), as: UTF8.self)
                }
                guard ends(".png") else { return }
                if ends("_seg.png") { masks.append(name(8)) } else { images.append(name(4)) }
            }
        }
        return (images, masks)
    }

    /// The names of the images in order, once it is known that all have what they need.
    private static func pairs(
        _ images: [String],
        _ masks: [String],
        in folder: String,
        needsMasks: Bool
    ) throws(UNetError) -> [String] {
        let masks = Set(masks)
        // The first in order is named, whatever order the file system has.
        let unlabelled = needsMasks ? images.filter { !masks.contains($0) } : []
        if let name = unlabelled.min() {
            throw UNetError(
                code: .badData,
                problem: "The image \(folder)/\(name).png has no mask \(name)_seg.png.",
                remedy: "Add the mask (all black if there is no glottis) or remove the image."
            )
        }
        if masks.count > images.count, let name = masks.subtracting(images).min() {
            throw UNetError(
                code: .badData,
                problem: "The mask \(folder)/\(name)_seg.png has no image \(name).png.",
                remedy: "Add the image or remove the mask."
            )
        }
        return images.map { (Int($0) ?? Int.max, $0) }.sorted { $0 < $1 }.map(\.1)
    }
}
