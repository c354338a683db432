internal import Configuration
private import Foundation

/// The profiles that can be named: a user's own, then those that are built in.
public struct SiteCatalogue: Sendable {
    /// One profile with the place that it was read from.
    public struct Entry: Sendable {
        public var site: Site
        /// The file; `nil` where it is built in.
        public var path: String?
        /// The profile as it was written.
        public var text: String
    }

    /// Those of the user first; of two with one name the first counts.
    public let entries: [Entry]

    /// The profiles of some folders, and those that are built in.
    ///
    /// - Parameter folders: Each read for files that end in `.yaml` or `.yml`; one that does not exist holds none.
    /// - Throws: `ConfigurationError` where a profile is wrong.
    public init(folders: [String]) throws {
        var entries: [Entry] = []
        for folder in folders {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            for name in names.sorted() where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
                entries.append(try Self.entry(path: folder + "/" + name))
            }
        }
        for (name, text) in Self.embedded {
            entries.append(Entry(site: try Site(yaml: text, path: "\(name).yaml"), path: nil, text: text))
        }
        var known: Set<String> = []
        self.entries = entries.filter { known.insert($0.site.name).inserted }
    }

    /// The profile in a file.
    public static func entry(path: String) throws -> Entry {
        let text = try configurationText(path: path, kind: "site profile")
        return Entry(site: try Site(yaml: text, path: path), path: path, text: text)
    }

    /// The folders of an environment: those of `$WATTBOOK_SITES`, divided by colons, then the user's own.
    public static func folders(environment: [String: String]) -> [String] {
        let named = (environment["WATTBOOK_SITES"] ?? "").split(separator: ":").map(String.init)
        let home = environment["HOME"].map { $0 + "/.config" }
        let configuration = environment["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? home
        return named + (configuration.map { [$0 + "/wattbook/sites"] } ?? [])
    }

    /// The profile that a user means: the path of a file, or a name.
    ///
    /// - Throws: `SiteError` with the three nearest names; `ConfigurationError` where the file is wrong.
    public func find(_ reference: String) throws -> Entry {
        if reference.contains("/") || reference.hasSuffix(".yaml") || reference.hasSuffix(".yml") {
            return try Self.entry(path: reference)
        }
        let wanted = reference.lowercased()
        if let entry = entries.first(where: { $0.site.name == wanted }) { return entry }
        throw SiteError(name: reference, nearest: nearestWords(wanted, among: entries.map(\.site.name)))
    }
}

/// A name that no profile has.
public struct SiteError: Error, Sendable, Hashable, CustomStringConvertible {
    public var name: String
    /// The three names that are most like it.
    public var nearest: [String]
    /// After sysexits.h: bad data.
    public var exitCode: Int32 { 65 }

    public var description: String {
        "There is no site profile '\(name)'. The nearest are \(nearest.joined(separator: ", ")); "
            + "name one of them, or the path of a profile of your own."
    }
}

extension SiteCatalogue {
    /// The profiles that are built in, in order of their names.
    private static var embedded: [(String, String)] {
        [
            ("archer2", PackageResources.archer2_yaml), ("alps", PackageResources.alps_yaml),
            ("ncar", PackageResources.ncar_yaml), ("dkrz", PackageResources.dkrz_yaml),
            ("horeka", PackageResources.horeka_yaml), ("hunter", PackageResources.hunter_yaml),
            ("isambard-3", PackageResources.isambard_3_yaml), ("isambard-ai", PackageResources.isambard_ai_yaml),
            ("jean-zay", PackageResources.jean_zay_yaml), ("lumi", PackageResources.lumi_yaml),
            ("marenostrum-5", PackageResources.marenostrum_5_yaml), ("nhr-zib", PackageResources.nhr_zib_yaml),
            ("nhr4ces", PackageResources.nhr4ces_yaml), ("nrel-esif", PackageResources.nrel_esif_yaml),
            ("supermuc-ng", PackageResources.supermuc_ng_yaml), ("tgi-rails", PackageResources.tgi_rails_yaml),
        ].map { ($0.0, String(decoding: $0.1, as: UTF8.self)) }.sorted { $0.0 < $1.0 }
    }
}
