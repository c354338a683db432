import Metering

/// A probe whose channels were described anew, since only the whole inventory knows what enters the total.
final class Described: ProbeBox {
    private let box: ProbeBox
    private let described: [Channel]

    init(_ box: ProbeBox, as channels: [Channel]) {
        self.box = box
        described = channels
        super.init()
    }

    override var channels: [Channel] { described }
    override var warnings: [String] { box.warnings }

    override func read(into readings: inout MutableSpan<RawReading>) throws(ProbeError) {
        try box.read(into: &readings)
    }
}
