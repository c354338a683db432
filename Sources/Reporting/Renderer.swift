private import Foundation

/// One form of a report.
public protocol Renderer: Sendable {
    /// Writes the report as text; the same report gives the same bytes, at any time and in any language setting.
    func render(_ report: Report) throws -> String
}

/// The forms in which a report can be written.
public enum ReportFormat: String, Sendable, Hashable, CaseIterable {
    case html, md, csv, json

    /// The name of its file.
    public var fileName: String { "report.\(rawValue)" }

    /// What writes it.
    public var renderer: any Renderer {
        switch self {
        case .html: HTMLRenderer()
        case .md: MarkdownRenderer()
        case .csv: CSVRenderer()
        case .json: JSONRenderer()
        }
    }
}

/// A report that could not be written.
public struct ReportError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The folder or file.
    public var path: String
    /// What the system said.
    public var reason: String
    /// The status that the program ends with: `EX_CANTCREAT`.
    public var exitCode: Int32 { 73 }

    /// One sentence that names the folder, and one that says what to do.
    public var description: String {
        "The report cannot be written to \(path): \(reason). Name a folder that you may write to, with -o DIR."
    }
}

/// Writes the report into a folder, which is made where it is missing, and returns the files' paths in order.
///
/// Every form is rendered before the first file is touched, and every file appears whole under its name or not at
/// all. Throws ``ReportError`` where the folder or a file cannot be written.
public func write(_ report: Report, formats: Set<ReportFormat>, to directory: String) throws -> [String] {
    let wanted = ReportFormat.allCases.filter(formats.contains)
    let texts = try wanted.map { try $0.renderer.render(report) }
    let folder = URL(fileURLWithPath: directory, isDirectory: true)
    do {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
        throw ReportError(path: directory, reason: reason(error))
    }
    return try zip(wanted, texts).map { format, text in
        let file = folder.appendingPathComponent(format.fileName)
        do {
            // Atomic means: to a temporary name in the same folder, then renamed.
            try Data(text.utf8).write(to: file, options: .atomic)
        } catch {
            throw ReportError(path: directory, reason: reason(error))
        }
        return file.path
    }
}

/// The system's reason below Foundation's wording, as `Permission denied`.
private func reason(_ error: any Error) -> String {
    let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    guard let cause, cause.domain == NSPOSIXErrorDomain else {
        return (error as? CocoaError)?.code == .fileWriteFileExists
            ? "a file of that name is in the way"
            : (error as? CocoaError)?.code == .fileWriteOutOfSpace ? "the disk is full" : "it is not a writable folder"
    }
    return unsafe String(cString: strerror(Int32(cause.code)))
}
