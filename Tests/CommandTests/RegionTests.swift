import Foundation
import Testing

/// Joules of a short region at the default interval, on counters of known truth.
@Suite struct RegionTests {
    /// Draws 10 W, in a region of 0.1 s 200 W, then 10 W; it drives the counter itself, before every mark too.
    private static let script = """
        import os, sys, time
        import wattbook_marks as marks
        counter = os.open(sys.argv[1], os.O_WRONLY)
        energy, last = 0.0, time.monotonic()
        def draw(watts, seconds):
            global energy, last
            end = last + seconds
            while last < end:
                now = min(end, time.monotonic())
                energy, last = energy + watts * (now - last), now
                os.pwrite(counter, b"%020d\\n" % int(energy * 1e6), 0)
                time.sleep(0.0005)
        draw(10, 0.537)
        before = energy
        with marks.region("burst"):
            draw(200, 0.1)
        after = energy
        draw(10, 0.4)
        print(after - before)
        """

    @Test func aRegionShorterThanTheIntervalIsReadAtItsEnds() throws {
        var program = try Program()
        defer { program.clean() }
        let tree = try PowerTree(in: program.folder)
        let scripts = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Scripts/python").standardizedFileURL.path
        program.environment = ["PYTHONPATH": scripts, "PYTHONDONTWRITEBYTECODE": "1"]
        let counter = tree.root.path + "/sys/class/powercap/intel-rapl:0/energy_uj"
        var errors: [Double] = []
        for _ in 0..<5 {
            let run = try program.wattbook(
                "run",
                "--probe",
                "powercap",
                "--root",
                tree.root.path,
                "--json",
                "--",
                "python3",
                "-c",
                Self.script,
                counter
            )
            #expect(run.status == 0, "\(run.errors)")
            let regions = try #require(try run.json()["regions"] as? [[String: Any]])
            let burst = try #require(regions.first { $0["path"] as? String == "burst" })
            errors.append(abs(try #require(burst["joules"] as? Double) - 20))
        }
        // From readings every 100 ms alone a burst of 20 J would be off by 5 J or so; a busy machine may be late once.
        #expect(errors.sorted()[2] < 1.5, "\(errors)")
    }
}
