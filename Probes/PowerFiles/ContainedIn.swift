/// What `contained_in` says of a device once all devices are known.
enum ContainedIn: Hashable {
    /// Nothing that is read includes it.
    case nothing
    /// The device at this place includes it, and is read.
    case device(Int)
    /// It names a device that there is none of.
    case unknown(String)
    /// It includes itself, by way of others.
    case circle

    /// Follows the names from the device at a place, past those that cannot be read.
    init(_ folders: [PowerFolder], _ start: Int) {
        guard !Self.isInCircle(folders, start) else {
            self = .circle
            return
        }
        var place = start
        for _ in folders {
            guard let outer = folders[place].outer else { break }
            guard let next = Self.find(outer, from: place, in: folders) else {
                self = .unknown(outer)
                return
            }
            if folders[next].isReadable {
                self = .device(next)
                return
            }
            place = next
        }
        self = .nothing
    }

    /// Why a device is not added to the total though nothing that is read includes it.
    func warning(_ folder: PowerFolder) -> String? {
        switch self {
        case .nothing, .device: nil
        case .unknown(let name):
            "\(folder.path)/contained_in names \(name), which is not there: \(folder.name) is shown and not added."
        case .circle: "\(folder.path)/contained_in leads back to \(folder.name), which is shown and not added."
        }
    }

    private static func isInCircle(_ folders: [PowerFolder], _ start: Int) -> Bool {
        var place = start
        for _ in folders {
            guard let outer = folders[place].outer, let next = find(outer, from: place, in: folders) else {
                return false
            }
            if next == start { return true }
            place = next
        }
        return false
    }

    /// A device by its folder's name, in the same directory first; else by the text of its `name`, if only one has it.
    private static func find(_ name: String, from place: Int, in folders: [PowerFolder]) -> Int? {
        let directory = folders[place].directory
        let named = folders.indices.filter { folders[$0].name == name }
        if let near = named.first(where: { folders[$0].directory == directory }) { return near }
        if let only = named.first, named.count == 1 { return only }
        let titled = folders.indices.filter { folders[$0].title == name }
        return titled.count == 1 ? titled[0] : nil
    }
}
