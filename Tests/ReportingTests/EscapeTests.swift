import Foundation
import Testing

@testable import Reporting

@Suite struct EscapeTests {
    @Test(arguments: [
        ("plain", "plain"), ("a,b", "\"a,b\""), ("say \"hi\"", "\"say \"\"hi\"\"\""), ("two\nlines", "\"two\nlines\""),
        ("=1+1", "'=1+1"), ("@cmd", "'@cmd"), ("-0.5", "-0.5"), ("-x", "'-x"), ("", ""),
    ])
    func fieldsFollowRFC4180(text: String, expected: String) {
        #expect(field(text) == expected)
    }

    @Test(arguments: [
        ("a|b", "a\\|b"), ("*x*", "\\*x\\*"), ("<b>", "&lt;b&gt;"), ("`c`", "\\`c\\`"), ("two\nlines", "two lines"),
        ("@name", "&#64;name"), ("-0.5", "-0.5"),
    ])
    func markdownShowsTextAsItIs(text: String, expected: String) {
        #expect(inline(text) == expected)
    }

    @Test(arguments: [("- x", "\\- x"), ("1. x", "1\\. x"), ("12", "12"), ("3.5 J", "3.5 J")])
    func lineOpensNoList(text: String, expected: String) {
        #expect(opening(text) == expected)
    }

    @Test func tableRowsKeepTheirColumns() throws {
        let page = try MarkdownRenderer().render(Synthetic.crowded())
        let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
        var columns: Int?
        for line in lines {
            guard line.hasPrefix("|") else {
                columns = nil
                continue
            }
            let borders = line.replacing("\\|", with: "").count { $0 == "|" }
            if let columns { #expect(borders == columns, "\(line)") }
            columns = borders
        }
    }

    @Test func commandsCanBePasted() {
        #expect(shell(["echo", "it's", "a b", "--x=1", ""]) == "echo 'it'\\''s' 'a b' --x=1 ''")
    }

    @Test func jsonEscapes() throws {
        let text = JSON.object([("a\"\\\n\u{1}é", .array([.number(1e-7), .number(.nan), .integer(-3), .null]))]).text
        let value = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: [Any]]
        let members = try #require(value?["a\"\\\n\u{1}é"])
        #expect(members[0] as? Double == 1e-7)
        #expect(members[1] is NSNull)
        #expect(members[2] as? Int == -3)
    }
}
