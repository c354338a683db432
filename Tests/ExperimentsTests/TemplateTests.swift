import Testing

@testable import Experiments

@Suite("Templates")
struct TemplateTests {
    @Test(
        "fill places and leave every other brace alone",
        arguments: [
            ("--p={precision}", "--p=bf16"),
            ("{precision}{precision}", "bf16bf16"),
            ("{{precision}}", "{precision}"),
            ("print({})", "print({})"),
            ("{ print $1 }", "{ print $1 }"),
            ("{}", "{}"),
            ("{", "{"),
            ("}", "}"),
            ("{1a}", "{1a}"),
            ("{two words}", "{two words}"),
            ("a{my-name_1}b", "axb"),
            ("", ""),
            ("größe {precision} µ", "größe bf16 µ"),
        ]
    )
    func filled(text: String, expected: String) {
        #expect(Template(text).filled(with: ["precision": "bf16", "my-name_1": "x"]) == expected)
    }

    @Test("name their places in order, and keep those without a value as they are written")
    func places() {
        let template = Template("{b} {a} {{c}} {b}")
        #expect(template.places == ["b", "a", "b"])
        #expect(template.filled(with: ["a": "1"]) == "{b} 1 {c} {b}")
    }

    @Test("never fill what a value brings along")
    func valuesAreNotTemplates() {
        #expect(Template("{a}").filled(with: ["a": "{b}", "b": "no"]) == "{b}")
    }
}
