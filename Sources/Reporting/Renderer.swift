package import Carbon
private import Foundation
package import Ledger

/// What can be reported: a study, or the account of a period.
///
/// Every form is rendered from these values alone.
package protocol Reportable: Sendable {
    /// What the page, the paper and the text say.
    var document: Document { get }
    /// The same figures with full precision.
    var json: JSON { get }
    /// What the rows of the runs tell.
    var columns: [RunColumn] { get }
    /// How it was measured, with the numbers, for the methods section of a paper.
    var methods: [String] { get }
    /// The runs in order.
    var runs: [RunRecord] { get }
    /// Carbon accounts by run id.
    var carbon: [String: [CarbonAccount]] { get }
    /// The version of the program, as `0.1.0`.
    var version: String { get }
    /// The tables of scaling, which `scaling.csv` holds beside the rows of the runs; `nil` where there are none.
    var scalingCSV: String? { get }
}

/// One form of a report.
package protocol Renderer: Sendable {
    /// Writes the report as text; the same report gives the same bytes, at any time and in any language setting.
    func render(_ report: any Reportable) throws -> String
}

/// The forms in which a report can be written.
public enum ReportFormat: String, Sendable, Hashable, CaseIterable {
    case html, md, csv, json, tex, pdf, methods, bibtex
    case modelCard = "model-card"
    case codecarbon, boamps

    /// The name of its file.
    public var fileName: String {
        switch self {
        case .html, .md, .csv, .json, .tex, .pdf: "report.\(rawValue)"
        case .methods: "methods.txt"
        case .bibtex: "report.bib"
        case .modelCard: "model-card.md"
        // The name under which that tool writes it.
        case .codecarbon: "emissions.csv"
        case .boamps: "boamps.json"
        }
    }

    /// What writes its text; of a PDF the page that WeasyPrint sets.
    package var renderer: any Renderer {
        switch self {
        case .html: HTMLRenderer()
        case .md: MarkdownRenderer()
        case .csv: CSVRenderer()
        case .json: JSONRenderer()
        case .tex: LaTeXRenderer()
        case .pdf: HTMLRenderer(medium: .paper)
        case .methods: MethodsRenderer()
        case .bibtex: BibTeXRenderer()
        case .modelCard: ModelCardRenderer()
        case .codecarbon: CodeCarbonRenderer()
        case .boamps: BoAmpsRenderer()
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
/// all. Throws ``ReportError`` where the folder or a file cannot be written, and ``TypesettingError`` where there is
/// no PDF; the other forms are written then.
///
/// - Parameter typesetter: what makes the PDF.
package func write(
    _ report: any Reportable,
    formats: Set<ReportFormat>,
    to directory: String,
    typesetter: Typesetter = Typesetter()
) throws -> [String] {
    let wanted = ReportFormat.allCases.filter(formats.contains)
    var files: [(name: String, text: String)] = []
    for format in wanted {
        files.append((format.fileName, try format.renderer.render(report)))
        if format == .csv, let scaling = report.scalingCSV { files.append(("scaling.csv", scaling)) }
    }
    return try write(files, to: directory, date: report.lastSecond, typesetter: typesetter)
}

/// Writes texts into a folder as files of their names; of a name in `.pdf` the text is the page that WeasyPrint sets.
///
/// - Parameter date: seconds since 1970 that stand in a PDF, so that it is the same every time.
package func write(
    _ files: [(name: String, text: String)],
    to directory: String,
    date: Int64,
    typesetter: Typesetter = Typesetter()
) throws -> [String] {
    let folder = URL(fileURLWithPath: directory, isDirectory: true)
    do {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
        throw ReportError(path: directory, reason: reason(error))
    }
    var (paths, failure): ([String], TypesettingError?) = ([], nil)
    for (name, text) in files {
        let file = folder.appendingPathComponent(name)
        var data = Data(text.utf8)
        if name.hasSuffix(".pdf") {
            do throws(TypesettingError) {
                data = Data(try typesetter.pdf(of: Array(text.utf8), date: date))
            } catch {
                failure = error
                continue
            }
        }
        do {
            // Atomic means: to a temporary name in the same folder, then renamed.
            try data.write(to: file, options: .atomic)
        } catch {
            throw ReportError(path: directory, reason: reason(error))
        }
        paths.append(file.path)
    }
    if let failure { throw failure }
    return paths
}

extension Reportable {
    package var scalingCSV: String? { nil }

    /// The second of the last run's start since 1970: the date of the report, so that it is the same every time.
    var lastSecond: Int64 { (runs.map(\.start.startedAt).max() ?? 0) / 1_000_000 }
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
