import ArgumentParser
import Foundation
import Quantities
import Reporting
import Sites

/// `wattbook site [NAME]`, `wattbook site check FILE`: the profiles of computing centres.
struct SiteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "site",
        abstract: "Profiles of computing centres: list them, show one with its sources, check a file.",
        discussion: """
            wattbook site                  list the profiles
            wattbook site archer2          show one, each value with its source
            wattbook site check lab.yaml   check a profile of your own

            Your own profiles lie in $WATTBOOK_SITES (folders, divided by colons) or ~/.config/wattbook/sites.
            """
    )

    @OptionGroup var options: GlobalOptions
    @Flag(help: "The profile as it was written, to begin one of your own.") var yaml = false
    @Argument(help: ArgumentHelp("A name or the path of a profile; or `check` and a path.", valueName: "name"))
    var words: [String] = []

    mutating func validate() throws {
        let most = words.first == "check" ? 2 : 1
        guard words.count <= most, words != ["check"] else {
            throw ValidationError("Say `site`, `site NAME` or `site check FILE`.")
        }
    }

    mutating func run() throws {
        if words.first == "check" { return try check(words[1]) }
        let catalogue = try SiteCatalogue(
            folders: SiteCatalogue.folders(environment: ProcessInfo.processInfo.environment)
        )
        guard let name = words.first else { return list(catalogue) }
        let entry = try catalogue.find(name)
        if yaml { return options.out.raw(entry.text) }
        if options.json { return options.out.raw(siteDocument(entry)) }
        show(entry)
    }

    private func check(_ path: String) throws {
        let entry = try SiteCatalogue.entry(path: path)
        if options.json { return options.out.raw(siteDocument(entry)) }
        options.out.line("\(path): the profile \(entry.site.name) can be used.")
        for sentence in entry.site.gaps { options.out.item("  - ", sentence) { $0 } }
    }

    private func list(_ catalogue: SiteCatalogue) {
        if options.json { return options.out.raw(sitesDocument(catalogue)) }
        var rows = [["SITE", "ZONE", "PUE", "UNIT", "TITLE"]]
        for entry in catalogue.entries {
            rows.append([
                entry.site.name, entry.site.zone ?? "–", entry.site.pue.map { "\($0.value)" } ?? "–",
                entry.site.allocation?.unit ?? "–", entry.site.title + (entry.path == nil ? "" : " (your own)"),
            ])
        }
        printTable(rows, to: options.out, leading: [0, 1, 3, 4])
    }

    private func show(_ entry: SiteCatalogue.Entry) {
        let site = entry.site
        options.out.line(options.out.bold("\(site.name): \(site.title)"))
        options.out.line(site.place + (site.zone.map { "; grid \($0)" } ?? ""))
        for fact in site.facts {
            options.out.line()
            options.out.line("\(fact.name): \(fact.value)")
            options.out.item("    ", fact.provenance.citation) { $0 }
            if let note = fact.provenance.note { options.out.item("    ", note) { $0 } }
        }
        if !site.notes.isEmpty || !site.gaps.isEmpty { options.out.line() }
        for sentence in site.notes + site.gaps { options.out.item("  - ", sentence) { $0 } }
    }
}
