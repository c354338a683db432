import Charts
import Foundation
import Testing

@testable import Reporting

/// The contrast of the palette, as WCAG 2.2 defines it (success criteria 1.4.3 and 1.4.11).
@Suite struct ContrastTests {
    /// The custom properties of a style sheet: those of light, then those that dark and print put over them.
    private func palettes(_ sheet: String) -> [[String: String]] {
        let blocks = sheet.replacing("\n", with: "").matches(of: /(@media[^{]*\{)?(:root|\.chart)\{(--[^}]*)\}/)
        let values = blocks.map { block in
            Dictionary(
                block.3.matches(of: /--(\w+):(#[0-9a-f]+)/).map { (String($0.1), String($0.2)) },
                uniquingKeysWith: { first, _ in first }
            )
        }
        guard let light = values.first else { return [] }
        return values.map { light.merging($0) { _, new in new } }
    }

    private func luminance(_ colour: String) -> Double {
        var digits = colour.dropFirst().map(String.init)
        if digits.count == 3 { digits = digits.flatMap { [$0, $0] } }
        let channels = stride(from: 0, to: 6, by: 2).map { index -> Double in
            let value = Double(Int(digits[index] + digits[index + 1], radix: 16) ?? 0) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
    }

    private func contrast(_ a: String?, _ b: String?) -> Double {
        guard let a, let b else { return 0 }
        let pair = [luminance(a), luminance(b)].sorted()
        return (pair[1] + 0.05) / (pair[0] + 0.05)
    }

    @Test func wordsOfThePageStandOut() throws {
        let page = try HTMLRenderer().render(Synthetic.report())
        let sheet = String(page[..<(page.range(of: ".chart{")?.lowerBound ?? page.endIndex)])
        let palettes = palettes(sheet)
        #expect(palettes.count == 3)
        for palette in palettes {
            for (words, ground) in [
                ("ink", "paper"), ("soft", "paper"), ("accent", "paper"), ("ink", "panel"), ("soft", "panel"),
                ("warn", "warnpaper"), ("ink", "warnpaper"),
            ] {
                let ratio = contrast(palette[words], palette[ground])
                #expect(ratio >= 4.5, "\(words) on \(ground): \(ratio)")
            }
        }
    }

    @Test func chartsStandOut() {
        let palettes = palettes(Chart.styleSheet)
        #expect(palettes.count == 3)
        for palette in palettes {
            for words in ["ink", "soft"] { #expect(contrast(palette[words], palette["paper"]) >= 4.5, "\(words)") }
            for series in 0..<8 {
                let ratio = contrast(palette["s\(series)"], palette["paper"])
                // Names stand on bars, in the colour of the paper.
                #expect(ratio >= 4.5, "series \(series): \(ratio)")
            }
        }
    }

    @Test func headingsAreInOrder() throws {
        for report in [Synthetic.report() as any Reportable, Synthetic.account()] {
            let levels = try HTMLRenderer().render(report).matches(of: /<h([1-6])/).compactMap { Int($0.1) }
            #expect(levels.first == 1 && levels.count { $0 == 1 } == 1)
            #expect(zip(levels, levels.dropFirst()).allSatisfy { $1 <= $0 + 1 })
        }
    }

    @Test func keyboardAndReadersFindTheirWay() throws {
        let page = try HTMLRenderer().render(Synthetic.report())
        #expect(
            page.contains("<a class=\"skip\" href=\"#main\">") && page.contains("<main id=\"main\" tabindex=\"-1\">")
        )
        let tables = page.matches(of: /<table>\n<caption>[^<]+<\/caption>/).count
        #expect(tables > 5 && tables == page.matches(of: /<table>/).count)
        let pictures = page.matches(of: #/<svg /#).count
        #expect(pictures == page.matches(of: /role="img" aria-labelledby="[^"]+"/).count)
        #expect(pictures == page.matches(of: /<desc id="[^"]+">[^<]+</).count)
        #expect(page.contains(":focus-visible"))
    }
}
