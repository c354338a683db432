import Allocation
import Configuration
import Foundation
import Sites
import Testing

private let whole = """
    title: T
    node_type: {name: gpu, cores: 64, gpus: 4}
    campaign:
      - name: a
        evidence: unet:precision=bf16,steps=40
        repeats: 5
        memory: 64 GB
        time_factor: {value: 0.5, low: 0.4, high: 0.6, reason: a benchmark}
    failed_share: 0.05
    contingency: 0.1
    storage: [{name: data, amount: 2 TB, files: 10}]
    schedule: {Q1: 0.5, Q2: 0.5}
    scaling: [{name: s, points: {1: unet, 2: unet}}]
    """

@Suite("Requests")
struct RequestTests {
    @Test("say all that there is to say")
    func reading() throws {
        let request = try Request(text: whole, path: "r.yaml")
        #expect(request.lines[0].jobs == 5 && request.lines[0].memory == 64e9)
        #expect(request.storage[0].amount == 2e12)
        #expect(request.nodes?.gpus == 4)
        #expect(request.schedule.map(\.share) == [0.5, 0.5])
    }

    static let wrong: [(String, String, Int, String)] = [
        ("repeats: 5", "repaets: 5", 6, "Did you mean `repeats`"),
        ("repeats: 5", "repeats: -5", 6, "whole number"),
        ("repeats: 5", "repeats: 10000000", 6, "1,000,000"),
        ("64 GB", "64 W", 7, "does not fit"),
        ("64 GB", "64", 7, "has no unit"),
        ("2 TB", "-2 TB", 11, "below 0"),
        ("contingency: 0.1", "contingency: 1.5", 10, "between 0 and 1"),
        ("Q2: 0.5", "Q2: 0.6", 12, "1.1"),
        ("low: 0.4", "low: 0.7", 8, "order"),
        (", reason: a benchmark", "", 8, "reason"),
        ("{1: unet, 2: unet}", "{1: unet}", 13, "two `points`"),
        ("{1: unet, 2: unet}", "{1: unet, two: unet}", 13, "two"),
        ("title: T\n", "", 1, "title"),
        ("cores: 64, ", "", 2, "cores"),
    ]

    @Test("name the line of what is wrong", arguments: wrong)
    func mistakes(old: String, new: String, line: Int, word: String) {
        let text = whole.replacingOccurrences(of: old, with: new)
        #expect(text != whole)
        let error = #expect(throws: ConfigurationError.self) { try Request(text: text, path: "r.yaml") }
        #expect(error?.line == line, "\(error.map { "\($0)" } ?? "")")
        #expect(error?.exitCode == 78)
        #expect(error?.description.contains(word) == true, "\(error.map { "\($0)" } ?? "")")
    }

    static let absent: [(String, Int32, Int, String)] = [
        ("unet:precision=fp64", 65, 5, "fp64"), ("nothing", 65, 5, "nothing"), ("tag:account=none", 65, 5, "account"),
        ("tag:account", 65, 5, "account"), ("unet:precision", 65, 5, "precision"),
    ]

    @Test("that speak of runs which are not there are bad data", arguments: absent)
    func runsThatAreNotThere(reference: String, status: Int32, line: Int, word: String) throws {
        let measured = try Measured()
        defer { measured.clean() }
        try measured.addExperiment()
        let text = whole.replacingOccurrences(of: "unet:precision=bf16,steps=40", with: "\"\(reference)\"")
        let error = #expect(throws: ConfigurationError.self) {
            try Application(Request(text: text, path: "r.yaml"), site: nil, ledger: measured.ledger)
        }
        #expect(error?.exitCode == status && error?.line == line)
        #expect(error?.description.contains(word) == true, "\(error.map { "\($0)" } ?? "")")
    }

    @Test("for a site of several node types must name one that it has")
    func nodeTypes() throws {
        let measured = try Measured()
        defer { measured.clean() }
        try measured.addExperiment()
        let site = try SiteCatalogue(folders: []).find("lumi").site
        for (old, line) in [
            ("node_type: {name: gpu, cores: 64, gpus: 4}\n", 1), ("{name: gpu, cores: 64, gpus: 4}", 2),
        ] {
            let text = whole.replacingOccurrences(of: old, with: line == 1 ? "" : "lumi-x")
            let error = #expect(throws: ConfigurationError.self) {
                try Application(Request(text: text, path: "r.yaml"), site: site, ledger: measured.ledger)
            }
            #expect(error?.line == line && error?.remedy.contains("lumi-c, lumi-g") == true)
        }
    }
}
