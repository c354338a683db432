import Allocation
import ArgumentParser
import Configuration
import Foundation
import Ledger
import Sites

/// `wattbook allocate REQUEST.yaml -o DIR`: the energy and resource section of a compute-time application.
struct AllocateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "allocate",
        abstract: "Write a compute-time request: what a campaign costs, from runs that were measured.",
        discussion: """
            title: Mixed precision for glottis segmentation
            site: archer2                     # a profile: see `wattbook site`
            campaign:
              - name: training, bf16
                evidence: unet:precision=bf16 # a run, EXPERIMENT:factor=level, or tag:key=value
                instead_of: unet:precision=fp32
                configurations: 4             # jobs are configurations x experiments x repeats
                experiments: 3
                repeats: 5
            failed_share: 0.05                # or {evidence: tag:account=c01}
            contingency: 0.1
            """
    )

    /// The forms in which a request is written.
    enum Form: String, CaseIterable {
        case md, tex, html, json
    }

    @OptionGroup var options: GlobalOptions
    @Argument(help: ArgumentHelp("The request, a YAML file.", valueName: "request")) var path: String
    @Option(name: [.short, .customLong("output")], help: ArgumentHelp("The folder to write to.", valueName: "dir"))
    var output: String
    @Option(
        help: ArgumentHelp(
            "\(Template.Name.allCases.map(\.rawValue).joined(separator: ", ")) (default: the request's, else plain).",
            valueName: "name"
        )
    )
    var template: String?
    @Option(name: .customLong("format"), help: ArgumentHelp("Comma-separated: md, tex, html, json.", valueName: "list"))
    var formats: String = "md,tex,html,json"

    mutating func run() throws {
        let names = formats.split(separator: ",").map(String.init)
        let forms = names.compactMap { Form(rawValue: $0) }
        guard forms.count == names.count, !forms.isEmpty else {
            throw ValidationError(
                "There is a form among '\(formats)' that is not known. Choose among md, tex, html, json."
            )
        }
        let request = try Request(path: path)
        let name = template ?? request.template ?? Template.Name.plain.rawValue
        guard let template = Template.Name(rawValue: name) else {
            throw Failure(
                .badConfiguration,
                "There is no template '\(name)'.",
                remedy: "Choose among \(Template.Name.allCases.map(\.rawValue).joined(separator: ", "))."
            )
        }
        let ledger = try LedgerFile(path: options.ledgerPath, mode: .readOnly)
        let application = try Application(request, site: site(of: request), ledger: ledger)
        let page = Template(template).filled(with: application)
        let document = application.json(template: template)
        let texts = forms.map { form in
            switch form {
            case .md: page.markdown
            case .tex: page.latex
            case .html: page.html
            case .json: document
            }
        }
        let paths = try write(zip(forms, texts).map { ("request.\($0.rawValue)", $1) })
        if options.json { return options.out.raw(document) }
        for sentence in application.limits { options.err.item("  ! ", sentence, paint: options.err.caution) }
        for path in paths { options.out.line(path) }
    }

    /// The profile that the request names; a path counts from the request's own folder.
    private func site(of request: Request) throws -> Site? {
        guard let name = request.site else { return nil }
        let environment = ProcessInfo.processInfo.environment
        let catalogue = try SiteCatalogue(folders: SiteCatalogue.folders(environment: environment))
        let beside = URL(fileURLWithPath: path).deletingLastPathComponent().appendingPathComponent(name).path
        let isFile = name.hasSuffix(".yaml") || name.hasSuffix(".yml")
        do {
            return try catalogue.find(isFile && FileManager.default.fileExists(atPath: beside) ? beside : name).site
        } catch let error as SiteError {
            throw Failure(.badConfiguration, "\(path): \(error.description)", remedy: "It stands under `site:`.")
        }
    }

    /// Writes the files, each whole under its name or not at all; all are made before the first is written.
    private func write(_ files: [(name: String, text: String)]) throws -> [String] {
        let folder = URL(fileURLWithPath: output, isDirectory: true)
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            return try files.map { name, text in
                let file = folder.appendingPathComponent(name)
                try Data(text.utf8).write(to: file, options: .atomic)
                return file.path
            }
        } catch {
            throw Failure(
                .cannotWrite,
                "The request cannot be written to \(output).",
                remedy: "Name a folder that you may write to, with -o DIR."
            )
        }
    }
}
