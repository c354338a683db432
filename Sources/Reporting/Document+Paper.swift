extension Document {
    /// What goes into a paper, as it can be copied: the methods paragraph and the entries to cite.
    static func paper(_ report: any Reportable) -> Section {
        Section(
            id: "paper",
            title: "For a paper",
            blocks: [
                .paragraph(
                    "The paragraph below can stand in a methods section as it is. --format tex writes this report as a "
                        + "section to include, --format bibtex the entries to cite, --format model-card the "
                        + "section of a model card."
                ),
                .code(wrapped(report.methods.joined(separator: " "))),
            ]
        )
    }

    /// Lines of at most 88 characters, broken between words.
    static func wrapped(_ words: String) -> String {
        var lines = [""]
        for word in words.split(separator: " ") {
            let line = lines[lines.count - 1]
            if line.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if line.count + word.count < 88 {
                lines[lines.count - 1] = "\(line) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines.joined(separator: "\n")
    }
}
