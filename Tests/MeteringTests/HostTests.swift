import Glibc
import Metering
import Testing

@Suite("The machine")
struct HostTests {
    private func host(_ files: [String: String]) throws -> Host {
        let folder = try TemporaryFolder()
        for (name, text) in files { try folder.write(text, to: name) }
        return Host.read(root: folder.path)
    }

    private let zones = [
        "usr/share/zoneinfo/zone1970.tab":
            "# codes\nDE,DK,NO\t+5230+01322\tEurope/Berlin\tmost of Germany\nPL\t+5215+02100\tEurope/Warsaw\n",
        "usr/share/zoneinfo/zone.tab": "DE\t+5230+01322\tEurope/Berlin\n",
    ]

    @Test("reads what the kernel tells")
    func facts() throws {
        let host = try host([
            "proc/sys/kernel/hostname": "node7\n",
            "proc/sys/kernel/osrelease": "6.1.0\n",
            "proc/sys/kernel/random/boot_id": "abc-def\n",
            "proc/cpuinfo":
                "processor\t: 0\nmodel name\t: Some CPU: 3 GHz\n\nprocessor\t: 1\nmodel name\t: Some CPU: 3 GHz\n",
            "proc/meminfo": "MemTotal:       2048 kB\nMemFree: 1 kB\n",
            "etc/os-release": "NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n",
        ])
        #expect(host.name == "node7")
        #expect(host.cpu == "Some CPU: 3 GHz")
        #expect(host.cores == 2)
        #expect(host.memoryBytes == 2_097_152)
        #expect(host.kernel == "6.1.0")
        #expect(host.os == "Debian GNU/Linux 12 (bookworm)")
        #expect(host.bootID == "abc-def")
    }

    @Test(
        "knows the country of a zone that has one",
        arguments: [
            ("Europe/Warsaw", "PL"), ("Europe/Berlin", "DE"), ("Etc/UTC", nil), ("UTC", nil), ("Mars/Base", nil),
        ]
    )
    func country(_ zone: String, _ country: String?) throws {
        // Without $TZ, which would decide.
        guard unsafe getenv("TZ") == nil else { return }
        let host = try host(zones.merging(["etc/timezone": zone + "\n"]) { $1 })
        #expect(host.country == country)
        #expect(host.timeZone == (zone.contains("UTC") ? nil : zone))
    }

    @Test("an empty root is a machine of which nothing is known")
    func nothing() throws {
        let host = try host([:])
        #expect(host.cores == 0 && host.memoryBytes == 0 && host.cpu.isEmpty)
    }
}
