import Charts

/// How pages look, for those that are no report too.
package enum PageStyle {
    /// Light, dark and in print from a browser.
    package static let screen = text(PackageResources.page_css) + Chart.styleSheet
    /// As WeasyPrint sets it, with page numbers.
    package static let paper = text(PackageResources.paper_css)

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
