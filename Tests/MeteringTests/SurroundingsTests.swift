import Metering
import Testing

@Suite("What lies around a run")
struct SurroundingsTests {
    private func stat(_ busy: Int) -> String { "cpu  \(busy) 10 20 5000 7 3 2 0 0 0\ncpu0 1 2 3 4 5 6 7 0 0 0\n" }

    @Test("others are what the processors did beyond the command and the meter")
    func others() throws {
        let folder = try TemporaryFolder()
        try folder.write(stat(1000), to: "proc/stat")
        let watch = SurroundingsWatch(root: folder.path)
        // 30 s of work in 10 s, of which 12 s are our own.
        try folder.write(stat(4000), to: "proc/stat")
        let around = watch.finish(seconds: 10, own: 12)
        #expect(abs((around.othersBusy ?? 0) - 1.8) < 1e-9)
        #expect(watch.finish(seconds: 10, own: 40).othersBusy == 0, "never less than nothing")
        #expect(!around.onBattery && around.governors == nil)
    }

    @Test("a battery counts where it is the machine's own and is being emptied")
    func battery() throws {
        let folder = try TemporaryFolder()
        let supply = "sys/class/power_supply"
        try folder.write("Battery\n", to: supply + "/hid-mouse/type")
        try folder.write("Device\n", to: supply + "/hid-mouse/scope")
        try folder.write("Discharging\n", to: supply + "/hid-mouse/status")
        try folder.write("Battery\n", to: supply + "/BAT0/type")
        try folder.write("Charging\n", to: supply + "/BAT0/status")
        let watch = SurroundingsWatch(root: folder.path)
        #expect(!watch.finish(seconds: 1, own: 0).onBattery)
        try folder.write("Discharging\n", to: supply + "/BAT0/status")
        #expect(watch.finish(seconds: 1, own: 0).onBattery)
    }

    @Test("a governor that changes is told with both names")
    func governor() throws {
        let folder = try TemporaryFolder()
        let file = "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"
        try folder.write("performance\n", to: file)
        let watch = SurroundingsWatch(root: folder.path)
        #expect(watch.finish(seconds: 1, own: 0).governors == nil)
        try folder.write("powersave\n", to: file)
        #expect(watch.finish(seconds: 1, own: 0).governors == ["performance", "powersave"])
    }

    @Test("nothing is known of a tree without files")
    func nothing() throws {
        let folder = try TemporaryFolder()
        #expect(SurroundingsWatch(root: folder.path).finish(seconds: 1, own: 0) == Surroundings(othersBusy: nil))
    }
}
