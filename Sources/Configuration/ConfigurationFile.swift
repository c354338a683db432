private import Foundation

/// The text of a user's file.
///
/// - Parameters:
///   - kind: What such a file is called, as `site profile`.
///   - remedy: What to do where there is none.
/// - Throws: `ConfigurationError` with status 66 where there is no such file, 78 where it is no text.
package func configurationText(
    path: String,
    kind: String,
    remedy: String = "Name a YAML file."
) throws(ConfigurationError) -> String {
    guard let data = FileManager.default.contents(atPath: path) else {
        throw ConfigurationError(
            path: path,
            line: 0,
            problem: "There is no \(kind) that can be read.",
            remedy: remedy,
            exitCode: 66
        )
    }
    guard let text = String(data: data, encoding: .utf8) else {
        throw ConfigurationError(path: path, line: 0, problem: "It is not UTF-8 text.", remedy: "Save it as UTF-8.")
    }
    return text
}
