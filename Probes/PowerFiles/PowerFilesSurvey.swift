import Glibc
public import Metering
import SystemPackage

/// What some directories of power files offer: a channel for each device.
public struct PowerFilesSurvey: Sendable {
    /// Whether every directory that was named can be read and holds a device.
    public let availability: Availability
    /// The channels, in the order of the directories and of the names in them.
    public let channels: [Channel]
    /// A sentence for each device that is left out or placed by guess.
    public let notes: [String]
    /// Those of the notes that a reader of a run must know.
    public let warnings: [String]

    /// The files that are read, in the order of ``channels``.
    let files: [String]

    /// Looks through the directories and keeps nothing open.
    ///
    /// - Parameter directories: The user's own paths: no root stands before them.
    public init(directories: [String]) {
        let tree = FileTree(root: "")
        var folders: [PowerFolder] = []
        var missing: String?
        for directory in Self.distinct(directories) {
            do throws(Errno) {
                let found = try PowerFolder.scan(directory, tree)
                if found.isEmpty { missing = missing ?? "\(directory) holds no device with energy_mj or power_mw" }
                folders += found
            } catch {
                missing = missing ?? "\(directory) cannot be listed: \(error)"
            }
        }
        if directories.isEmpty { missing = "no directory is named (--power-files DIR or $WATTBOOK_POWER_FILES)" }
        let warnings = folders.flatMap(Self.failures)
        guard missing == nil, folders.contains(where: \.isReadable) else {
            let isDenied =
                folders.contains { $0.energy == .failed(.permissionDenied) }
                || folders.contains { $0.power == .failed(.permissionDenied) }
            self.init(
                missing == nil && isDenied
                    ? .denied(remedy: "let this user read the files energy_mj and power_mw (chmod o+r, or a group)")
                    : .absent(reason: missing ?? "\(directories[0]) holds no number that can be read"),
                notes: warnings
            )
            return
        }
        let places = folders.indices.map { ContainedIn(folders, $0) }
        let placing = folders.indices.compactMap { places[$0].warning(folders[$0]) }
        let described = Self.describe(folders, places)
        self.init(
            .ready,
            channels: described.map(\.channel),
            notes: warnings + placing,
            warnings: warnings + placing,
            files: described.map(\.file)
        )
    }

    private init(
        _ availability: Availability,
        channels: [Channel] = [],
        notes: [String] = [],
        warnings: [String] = [],
        files: [String] = []
    ) {
        self.availability = availability
        self.channels = channels
        self.notes = notes
        self.warnings = warnings
        self.files = files
    }

    /// The directories without those that are another's again, by whatever path.
    private static func distinct(_ directories: [String]) -> [String] {
        var seen: Set<String> = []
        return directories.filter { directory in
            guard let path = unsafe realpath(directory, nil) else { return true }
            defer { unsafe free(path) }
            return unsafe seen.insert(String(cString: path)).inserted
        }
    }

    private static func failures(_ folder: PowerFolder) -> [String] {
        [(folder.energyPath, folder.energy), (folder.powerPath, folder.power)].compactMap { path, numbers in
            guard case .failed(let error) = numbers else { return nil }
            return error == .badMessage
                ? "\(path) holds no whole number and is left out."
                : "\(path) cannot be read and is left out: \(error)."
        }
    }
}
