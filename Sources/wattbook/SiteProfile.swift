import Foundation
import Sites

/// The profile that a user means by a name or a path.
///
/// - Parameter place: What names it in the user's stead: a file, from whose folder a path counts, or a variable.
/// - Throws: `SiteError` (status 65) for an unknown name; a `Failure` of configuration (78) where a file says it.
func siteProfile(_ name: String, configuredIn place: String? = nil) throws -> Site {
    let environment = ProcessInfo.processInfo.environment
    let catalogue = try SiteCatalogue(folders: SiteCatalogue.folders(environment: environment))
    let beside = place.map { URL(fileURLWithPath: $0).deletingLastPathComponent().appendingPathComponent(name).path }
    let isFile = name.hasSuffix(".yaml") || name.hasSuffix(".yml")
    do {
        return try catalogue.find(
            beside.flatMap { isFile && FileManager.default.fileExists(atPath: $0) ? $0 : nil } ?? name
        )
        .site
    } catch let error as SiteError {
        guard let place else { throw error }
        throw Failure(.badConfiguration, "\(place): \(error.description)", remedy: "Correct it there.")
    }
}
