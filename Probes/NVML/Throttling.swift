import Quantities

/// What held a GPU back while it was measured.
struct Throttling {
    /// The channel that speaks of the GPU.
    let channel: String
    /// Every reason that was seen (`nvmlClocksEventReasons`), a bit each.
    var reasons: UInt64
    /// The power limit at the start and another one that was seen later, mW; 0: none.
    var limit: UInt32
    var otherLimit: UInt32

    /// The reasons after which times and joules are not those of the free GPU; the others (idle, clocks that the user
    /// set, a display) are no fault.
    private static let causes: [(bit: UInt64, words: String)] = [
        (0x4, "its power limit"), (0x8, "a hardware slowdown"), (0x20, "its temperature (by the driver)"),
        (0x40, "its temperature (by the hardware)"), (0x80, "the power brake"),
    ]

    /// A sentence for each thing that a comparison must know.
    var warnings: [String] {
        var warnings: [String] = []
        let causes = Self.causes.filter { reasons & $0.bit != 0 }.map(\.words)
        if !causes.isEmpty {
            warnings.append(
                "\(channel): the GPU's clocks were held back by \(causes.joined(separator: ", ")). "
                    + "Compare only with runs under the same limits and cooling."
            )
        }
        if otherLimit > 0, limit > 0 {
            warnings.append(
                "\(channel): the power limit changed from \(watts(limit)) to \(watts(otherLimit)) "
                    + "while it was measured."
            )
        }
        return warnings
    }

    private func watts(_ milliwatts: UInt32) -> String { Watts(Double(milliwatts) / 1000).formatted() }
}
