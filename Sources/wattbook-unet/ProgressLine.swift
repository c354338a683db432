internal import Foundation

/// One line on standard error that is written over and over, where that is a terminal; nothing elsewhere.
final class ProgressLine {
    private let isLive: Bool
    private var drawnAt = -Double.infinity

    /// A line that stays hidden unless `isShown` and standard error is a terminal.
    init(isShown: Bool) {
        isLive = isShown && isatty(STDERR_FILENO) == 1
    }

    /// Draws a bar at `fraction` with a text, at most ten times a second.
    func show(fraction: Double, _ text: @autoclosure () -> String) {
        guard isLive else { return }
        let now = monotonicSeconds()
        guard now - drawnAt >= 0.1 else { return }
        drawnAt = now
        let (text, columns) = (text(), Self.columns)
        // The bar gives way to the text, and a line that would still not fit is cut: a wrapped one cannot be redrawn.
        let width = min(24, max(0, columns - text.count - 9))
        let full = Int(min(max(fraction, 0), 1) * Double(width))
        let bar = String(repeating: "━", count: full) + String(repeating: "─", count: width - full)
        let line = "\(bar)\(width > 0 ? " " : "")\(Int(fraction * 100)) %  \(text)"
        write("\r\(line.prefix(max(columns - 1, 1)))\u{1B}[K")
    }

    /// Removes the line.
    func clear() {
        if isLive && drawnAt > 0 { write("\r\u{1B}[K") }
    }

    /// Columns of the terminal, asked anew each time since windows change; 80 where it does not say.
    private static var columns: Int {
        var size = winsize()
        guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    private func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}

/// Seconds of CLOCK_MONOTONIC.
func monotonicSeconds() -> Double { seconds(of: CLOCK_MONOTONIC) }

/// Seconds of processor time that this process has used, all threads together.
func processorSeconds() -> Double { seconds(of: CLOCK_PROCESS_CPUTIME_ID) }

/// Seconds of processor time that this thread has used.
func threadSeconds() -> Double { seconds(of: CLOCK_THREAD_CPUTIME_ID) }

/// The clock of processor time for what computes: one thread's own where it is alone, since another decodes meanwhile.
func computingSeconds(threads: Int?) -> Double { threads == 1 ? threadSeconds() : processorSeconds() }

private func seconds(of clock: clockid_t) -> Double {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// A number with `digits` decimals and a point, whatever the locale.
func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
    let scale = (0..<digits).reduce(1.0) { power, _ in power * 10 }
    let scaled = Int((abs(value) * scale).rounded())
    let (whole, part) = scaled.quotientAndRemainder(dividingBy: Int(scale))
    let sign = value < 0 && scaled > 0 ? "-" : ""
    if digits == 0 { return "\(sign)\(whole)" }
    let decimals = String(part)
    return "\(sign)\(whole).\(String(repeating: "0", count: digits - decimals.count))\(decimals)"
}

/// Minutes and seconds, as 3:07.
func clockTime(_ seconds: Double) -> String {
    let whole = Int(min(max(seconds, 0), 1e9).rounded())
    return "\(whole / 60):\(whole % 60 < 10 ? "0" : "")\(whole % 60)"
}
