import Metering

/// A unit of the kernel that counts energy, as its folder describes it.
struct EnergyUnit {
    /// One of its events: `energy-pkg`, its number, and the joules of a count.
    struct Counting: Hashable {
        var name: String
        var config: UInt64
        var joulesPerCount: Double
    }

    /// Where the kernel lists its units.
    static let folder = "/sys/bus/event_source/devices"
    /// Energy by package, and on AMD by core.
    static let names = ["power", "power_core"]
    /// Numbers below this one (`PERF_TYPE_MAX`) mean the same on every machine; the others are given out at boot.
    static let firstDynamicType: UInt32 = 6

    /// `power` or `power_core`.
    var name: String
    /// What `perf_event_open` knows it by.
    var type: UInt32
    /// The processors that read it, one for each package, die or core.
    var processors: [Int32]
    /// Its events in joules, the package's first.
    var events: [Counting]

    /// Reads a unit's folder; `nil` where there is none, with a note where there is one that says too little.
    init?(_ name: String, _ tree: FileTree, _ notes: inout [String]) {
        let folder = Self.folder + "/" + name
        guard let entries = try? tree.entries(folder + "/events") else { return nil }
        guard let type = tree.line(folder + "/type").flatMap({ UInt32($0) }) else {
            notes.append("\(folder)/type tells no number: the unit is left out.")
            return nil
        }
        guard let processors = tree.line(folder + "/cpumask").flatMap(Self.list), !processors.isEmpty else {
            notes.append("\(folder)/cpumask names no processor: the unit is left out.")
            return nil
        }
        self.name = name
        self.type = type
        self.processors = processors
        events = []
        for entry in entries where !entry.contains(".") {
            let path = folder + "/events/" + entry
            guard tree.line(path + ".unit") == "Joules" else { continue }
            guard let config = tree.line(path).flatMap(Self.config) else {
                notes.append("\(path) is not event=NUMBER: it is left out.")
                continue
            }
            guard let scale = tree.line(path + ".scale").flatMap(Self.scale) else {
                notes.append("\(path).scale is no decimal number above 0: its event is left out.")
                continue
            }
            events.append(Counting(name: entry, config: config, joulesPerCount: scale))
        }
        let package = events.partition { $0.name != "energy-pkg" }
        events[package...].sort { $0.config < $1.config }
    }

    /// The processors of a list, as `0,64` or `0-3,8`; `nil` where it is none.
    static func list(_ text: String) -> [Int32]? {
        var numbers: [Int32] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int32($0) }
            guard let first = ends.first.flatMap({ $0 }), let last = ends.last.flatMap({ $0 }), ends.count <= 2,
                first >= 0, first <= last, last < 1 << 20
            else { return nil }
            numbers += first...last
        }
        return numbers
    }

    /// The number of `event=0x02`.
    static func config(_ text: String) -> UInt64? {
        guard text.hasPrefix("event=") else { return nil }
        let number = text.dropFirst("event=".count)
        return number.hasPrefix("0x") ? UInt64(number.dropFirst(2), radix: 16) : UInt64(number)
    }

    /// The joules of a count, as `2.3283064365386962890625e-10`: a point in every language.
    ///
    /// Swift's own parser never asks the locale, as `strtod` does.
    static func scale(_ text: String) -> Double? {
        Double(text).flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
    }
}
