import Glibc

extension Host {
    /// Reads what the kernel and the system's files tell; what cannot be found out is empty, 0 or `nil`.
    ///
    /// The time zone is `$TZ`, else `/etc/timezone`, else where `/etc/localtime` points to. Its country is the one
    /// that the zone table lists; a zone of several countries has none.
    public static func read(root: String = "/") -> Host {
        let tree = FileTree(root: root)
        let cpuinfo = (try? tree.text("/proc/cpuinfo")) ?? ""
        let zone = timeZone(in: tree)
        return Host(
            name: tree.line("/proc/sys/kernel/hostname") ?? "",
            cpu: cpuModel(cpuinfo),
            cores: coreCount(cpuinfo),
            memoryBytes: memory(in: tree),
            kernel: tree.line("/proc/sys/kernel/osrelease") ?? "",
            os: osName(in: tree),
            bootID: tree.line("/proc/sys/kernel/random/boot_id") ?? "",
            timeZone: zone,
            country: zone.flatMap { country(of: $0, in: tree) }
        )
    }

    private static func cpuModel(_ cpuinfo: String) -> String {
        // x86 says `model name`; Arm kernels often name only the board under `Hardware`.
        for key in ["model name", "Model", "Hardware", "cpu model"] {
            if let value = field(key, in: cpuinfo) { return value }
        }
        return ""
    }

    private static func coreCount(_ cpuinfo: String) -> Int {
        lines(cpuinfo).count { $0.starts(with: "processor".utf8) && $0.contains(UInt8(ascii: ":")) }
    }

    private static func memory(in tree: FileTree) -> Int64 {
        guard let text = try? tree.text("/proc/meminfo"), let value = field("MemTotal", in: text),
            let kibibytes = Int64(value.prefix { $0.isNumber })
        else { return 0 }
        return kibibytes * 1024
    }

    private static func osName(in tree: FileTree) -> String {
        let text = tree.line("/etc/os-release") ?? tree.line("/usr/lib/os-release") ?? ""
        let key = "PRETTY_NAME=".utf8
        for line in lines(text) where line.starts(with: key) {
            return String(Substring(line.dropFirst(key.count)).filter { $0 != "\"" && $0 != "'" })
        }
        return ""
    }

    /// The value of the first line `key : value`.
    private static func field(_ key: String, in text: String) -> String? {
        for line in lines(text) where line.starts(with: key.utf8) {
            let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 1)
            if parts.count == 2, trimmed(Substring(parts[0])) == key { return trimmed(Substring(parts[1])) }
        }
        return nil
    }

    /// Lines as bytes: a node's `/proc/cpuinfo` has thousands, and the meter reads it at every start.
    private static func lines(_ text: String) -> [Substring.UTF8View] {
        text.utf8.split(separator: UInt8(ascii: "\n"))
    }

    private static func timeZone(in tree: FileTree) -> String? {
        var candidates: [String] = []
        if let variable = unsafe getenv("TZ") { candidates.append(unsafe String(cString: variable)) }
        if let line = tree.line("/etc/timezone") { candidates.append(line) }
        if let link = tree.link("/etc/localtime") { candidates.append(link) }
        // The first that is set decides, even where it names no place.
        return candidates.map(zoneName).first { !$0.isEmpty }.flatMap { isPlace($0) ? $0 : nil }
    }

    /// `Europe/Berlin` out of `:Europe/Berlin` or `/usr/share/zoneinfo/Europe/Berlin`.
    private static func zoneName(_ text: String) -> String {
        var name = trimmed(text)
        if name.hasPrefix(":") { name.removeFirst() }
        let marker = "zoneinfo/"
        if let range = name.ranges(of: marker).last { name = String(name[range.upperBound...]) }
        for prefix in ["posix/", "right/"] where name.hasPrefix(prefix) { name.removeFirst(prefix.count) }
        return name
    }

    /// `UTC`, `Etc/GMT+3` and `CET` name no place; `Europe/Berlin` does.
    private static func isPlace(_ zone: String) -> Bool {
        zone.contains("/") && !zone.hasPrefix("/") && !zone.hasPrefix("Etc/")
    }

    private static func country(of zone: String, in tree: FileTree) -> String? {
        // zone1970.tab lists every country of a zone; zone.tab has one line a country and names the zone's own.
        for (file, single) in [("zone1970.tab", false), ("zone.tab", true)] {
            guard let text = try? tree.text("/usr/share/zoneinfo/" + file) else { continue }
            for line in lines(text) where line.first != UInt8(ascii: "#") {
                let columns = line.split(separator: UInt8(ascii: "\t"))
                guard columns.count >= 3, columns[2].elementsEqual(zone.utf8) else { continue }
                if single || !columns[0].contains(UInt8(ascii: ",")) { return String(Substring(columns[0])) }
            }
        }
        return nil
    }
}
