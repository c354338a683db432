import Allocation
import ArgumentParser
import Configuration
import Ledger
import Reporting

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
        case md, tex, html, pdf, json
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
    @Option(
        name: .customLong("format"),
        help: ArgumentHelp(
            "Comma-separated: md, tex, html, pdf, json, or all (default: all but pdf).",
            valueName: "list"
        )
    )
    var formats: String = "md,tex,html,json"

    mutating func run() throws {
        let all = Form.allCases.map(\.rawValue)
        let names = formats == "all" ? all : formats.split(separator: ",").map(String.init)
        let forms = names.compactMap { Form(rawValue: $0) }
        guard forms.count == names.count, !forms.isEmpty else {
            throw ValidationError(
                "There is a form among '\(formats)' that is not known. Choose among \(all.joined(separator: ", "))."
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
        let application = try Application(
            request,
            site: request.site.map { try siteProfile($0, configuredIn: path) },
            ledger: ledger
        )
        let page = Template(template).filled(with: application)
        let document = application.json(template: template)
        let texts = forms.map { form in
            switch form {
            case .md: page.markdown
            case .tex: page.latex
            case .html: page.html
            case .pdf: page.paper
            case .json: document
            }
        }
        let last = application.evidence.flatMap(\.runs).map(\.start.startedAt).max() ?? 0
        var (paths, missing): ([String], TypesettingError?) = ([], nil)
        do {
            let files = zip(forms, texts).map { (name: "request.\($0.rawValue)", text: $1) }
            paths = try write(files, to: output, date: last / 1_000_000)
        } catch let error as TypesettingError {
            missing = error
        }
        if options.json {
            options.out.raw(document)
        } else {
            for sentence in application.limits { options.err.item("  ! ", sentence, paint: options.err.caution) }
            for path in paths { options.out.line(path) }
        }
        if let missing { throw missing }
    }
}
