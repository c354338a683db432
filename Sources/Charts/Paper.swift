/// How charts look on paper, with every colour written out.
enum Paper {
    /// The colours of the series, in order; the same as those of ``Chart/styleSheet`` in print.
    static let series = ["0B62A8", "C4500C", "0A8466", "8B4A9C", "8A5F00", "2A7CAE", "7D5A3A", "6B7280"]
    static let (ink, soft, rule) = ("000000", "444444", "DDDDDD")

    static var styleSheet: String {
        let dashes = ["none", "7 3", "2 2", "8 3 2 3", "12 4", "4 4", "none", "none"]
        let colours = series.enumerated().map { index, colour in
            ".line.s\(index){stroke:#\(colour);stroke-dasharray:\(dashes[index])}.mean.s\(index){stroke:#\(colour)}"
                + ".mark.s\(index),.bar.s\(index),.band.s\(index),.shade.s\(index){fill:#\(colour)}"
        }
        return """
            text{fill:#\(soft);font-size:12px;font-family:"Liberation Sans",Arial,"DejaVu Sans",sans-serif}
            .inside,.small,.onbar{font-size:11px}.onbar{fill:#fff}.strong{fill:#\(ink);font-weight:bold}
            .grid{stroke:#\(rule);stroke-width:1;fill:none}.axis{stroke:#\(soft);stroke-width:1;fill:none}
            .reference{stroke:#\(soft);stroke-width:1;stroke-dasharray:4 3;fill:none}
            .whisker{stroke:#\(ink);stroke-width:1.5;fill:none}
            .line{stroke-width:1.5;fill:none}.mean{fill:none;stroke-width:2}
            .mark,.bar{stroke:#fff;stroke-width:.75}.band{fill-opacity:.22}.shade{fill-opacity:.07}
            \(colours.joined(separator: "\n"))
            """
    }
}

extension Chart {
    /// The definitions that ``pgfplots`` needs, once in a document.
    package static let latexColours =
        (Paper.series.enumerated().map { ("wattbook\($0.offset)", $0.element) }
        + [("wattbookink", Paper.ink), ("wattbooksoft", Paper.soft), ("wattbookrule", Paper.rule)])
        .map { "\\definecolor{\($0.0)}{HTML}{\($0.1)}" }
}
