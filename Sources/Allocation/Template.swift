/// What a programme wants to read, section by section.
///
/// A file of lines: `#` to `###` begin a heading, `- ` an entry of a list, `%` a comment; `@name` stands for a part that
/// is made from the figures; `@ask name What must stand here` for a text of the request's; other lines are paragraphs,
/// divided by empty lines. `{name}` is a figure in the text.
public struct Template: Sendable {
    /// What `--template` takes.
    public enum Name: String, Sendable, CaseIterable {
        case nhr, konwihr, eurohpc, archer2, gcs
        case nsfDOE = "nsf-doe"
        case plain

        var text: String {
            let bytes =
                switch self {
                case .nhr: PackageResources.nhr_template
                case .konwihr: PackageResources.konwihr_template
                case .eurohpc: PackageResources.eurohpc_template
                case .archer2: PackageResources.archer2_template
                case .gcs: PackageResources.gcs_template
                case .nsfDOE: PackageResources.nsf_doe_template
                case .plain: PackageResources.plain_template
                }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    enum Part: Equatable {
        case heading(Int, String)
        case paragraph(String)
        case list([String])
        case made(String)
        case ask(String, String)
    }

    let parts: [Part]

    /// One that is built in.
    public init(_ name: Name) { self.init(text: name.text) }

    init(text: String) {
        var parts: [Part] = []
        var paragraph: [String] = []
        var list: [String] = []
        let close = {
            if !paragraph.isEmpty { parts.append(.paragraph(paragraph.joined(separator: " "))) }
            if !list.isEmpty { parts.append(.list(list)) }
            (paragraph, list) = ([], [])
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("%") { continue }
            let hashes = line.prefix { $0 == "#" }.count
            if line.hasPrefix("- ") {
                list.append(String(line.dropFirst(2)))
            } else if line.hasPrefix("@ask ") {
                close()
                let words = line.dropFirst(5).split(separator: " ", maxSplits: 1).map(String.init)
                parts.append(.ask(words[0], words.count > 1 ? words[1] : words[0]))
            } else if line.hasPrefix("@") {
                close()
                parts.append(.made(String(line.dropFirst())))
            } else if hashes > 0, line.dropFirst(hashes).first == " " {
                close()
                parts.append(.heading(hashes, String(line.dropFirst(hashes + 1))))
            } else if line.allSatisfy(\.isWhitespace) {
                close()
            } else {
                paragraph.append(String(line))
            }
        }
        close()
        self.parts = parts
    }

    /// The template filled with an application.
    public func filled(with application: Application) -> Page {
        let values = application.values
        let fill = { (text: String) in Self.fill(text, values) }
        var blocks: [Page.Block] = []
        for part in parts {
            switch part {
            case .heading(let level, let text): blocks.append(.heading(level, fill(text)))
            case .paragraph(let text): blocks.append(.paragraph(fill(text)))
            case .list(let entries): blocks.append(.list(entries.map(fill)))
            case .made(let name): blocks += application.blocks(name) ?? [.open("There is no part “\(name)”.")]
            case .ask(let name, let prompt):
                blocks.append(application.request.texts[name].map { .paragraph($0) } ?? .open(fill(prompt)))
            }
        }
        return Page(blocks: blocks)
    }

    /// The text with `{name}` replaced; a name without a value stays, so that it is seen.
    static func fill(_ text: String, _ values: [String: String]) -> String {
        var result = ""
        var rest = Substring(text)
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            result += rest[..<open]
            let name = String(rest[rest.index(after: open)..<close])
            result += values[name] ?? "{\(name)}"
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}
