import Metering

/// What `ipmitool dcmi power reading` prints.
struct DCMIReading: Hashable {
    /// Present power in W.
    var watts: UInt64
    /// Over how long the board's controller averages, in s; 0 where it does not say.
    var samplingPeriod: UInt64
    /// Whether the controller measures at all.
    var isActive: Bool

    /// Reads the tool's output; `nil` where it holds no present power.
    init?(_ text: Span<UInt8>) {
        guard var place = text.after("Instantaneous power reading:"), text.skipBlanks(&place),
            let watts = text.number(&place), !watts.isNegative, watts.decimals == 0
        else { return nil }
        self.watts = watts.digits
        samplingPeriod = 0
        if var period = text.after("Sampling period:"), text.skipBlanks(&period), let seconds = text.number(&period) {
            samplingPeriod = seconds.digits
        }
        isActive = true
        if var state = text.after("Power reading state is:"), text.skipBlanks(&state) {
            isActive = text.take("activated", &state)
        }
    }
}
