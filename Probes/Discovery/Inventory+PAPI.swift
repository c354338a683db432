import Glibc
import Metering
import PAPI

extension Inventory {
    /// Adds PAPI: the events that were named, and energy where PAPI was named or nothing finer sees the processor.
    ///
    /// To start PAPI takes milliseconds, on some machines tens of them, so that a run that needs nothing of it never does.
    mutating func addPAPI(_ selection: SensorSelection) {
        let isNamed = selection.probes?.contains("papi") ?? false
        let mayHelp = selection.probes == nil && selection.root == "/" && !seesProcessor && Self.hasOtherCounters
        guard isNamed || mayHelp || !selection.papiEvents.isEmpty else {
            // PAPI reads this machine, whatever tree stands in for it.
            if selection.probes == nil, selection.root == "/" { add(.absent(reason: Self.notAsked)) }
            return
        }
        let survey = PAPISurvey(
            library: selection.papiLibrary,
            events: selection.papiEvents,
            findsEnergy: isNamed || mayHelp,
            root: selection.root
        )
        let isReady = survey.availability == .ready
        if !isReady { omissions += survey.warnings }
        interfaces.append(
            Interface(
                name: "papi",
                standing: survey.channels.contains { $0.device == .node } ? .node : .sensor,
                availability: survey.availability,
                channels: survey.channels,
                notes: survey.notes + (isReady ? survey.warnings : []),
                warnings: isReady ? survey.warnings : []
            ) { process in Box(try PAPIProbe(survey, process: process ?? getpid())) }
        )
    }

    private mutating func add(_ availability: Availability) {
        interfaces.append(
            Interface(name: "papi", standing: .sensor, availability: availability, channels: []) { _ in ProbeBox() }
        )
    }

    private static let notAsked =
        "not asked, since it has no energy that the interfaces above lack; --probe papi asks it, --papi EVENT counts"

    private var seesProcessor: Bool {
        interfaces.contains { interface in
            interface.isReady && interface.standing <= .sensor
                && interface.channels.contains { $0.inTotal && ($0.device == .cpu || $0.device == .node) }
        }
    }

    /// Whether a counter is there that PAPI could read where the kernel's own interfaces give none.
    private static var hasOtherCounters: Bool {
        unsafe access("/dev/cpu/0/msr", R_OK) == 0 || access("/sys/cray/pm_counters", R_OK) == 0
    }
}
