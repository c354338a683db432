import Foundation
import Quantities

/// Seconds of `[D-]HH:MM:SS` or `MM:SS.mmm`; `nil` where it is none.
func elapsedSeconds(_ text: String) -> Double? {
    let halves = text.split(separator: "-", omittingEmptySubsequences: false)
    guard halves.count <= 2, let clock = halves.last else { return nil }
    let days = halves.count == 2 ? Double(halves[0]) : 0
    let parts = clock.split(separator: ":", omittingEmptySubsequences: false).map { Double($0) }
    guard let days, (2...3).contains(parts.count), !parts.contains(nil) else { return nil }
    return parts.compactMap(\.self).reduce(0) { $0 * 60 + $1 } + days * 86_400
}

/// Joules with a suffix of thousands, as `12.35K`; `nil` where it is none.
func suffixedJoules(_ text: String) -> Double? {
    let suffixes: [Character: Double] = ["K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18]
    let factor = text.last.flatMap { suffixes[$0] }
    guard let number = Double(factor == nil ? text[...] : text.dropLast()), number.isFinite, number >= 0 else {
        return nil
    }
    return number * (factor ?? 1)
}

/// The resources of `AllocTRES`, as `cpu=256,energy=27864000,gres/gpu=4,node=1`.
func trackedResources(_ text: String?) -> [String: String] {
    var resources: [String: String] = [:]
    for part in (text ?? "").split(separator: ",") {
        let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
        if sides.count == 2 { resources[sides[0]] = sides[1] }
    }
    return resources
}

/// GPUs of tracked resources: those without a type, which count all, else the sum over the types.
func gpuCount(_ resources: [String: String]) -> Int {
    if let all = resources["gres/gpu"].flatMap({ Int($0) }) { return all }
    return resources.filter { $0.key.hasPrefix("gres/gpu:") }.compactMap { Int($0.value) }.reduce(0, +)
}

/// Microseconds since 1970 of `2026-01-27T11:53:04` in a time zone, or of seconds since 1970; `nil` where it is none.
func startMicroseconds(_ text: String, in zone: TimeZone) -> Int64? {
    if let seconds = Int64(text), seconds > 0 { return seconds * 1_000_000 }
    let halves = text.split(separator: "T")
    guard halves.count == 2 else { return nil }
    let day = halves[0].split(separator: "-").map { Int($0) }
    let clock = halves[1].split(separator: ":").map { Int($0) }
    guard day.count == 3, clock.count == 3, !day.contains(nil), !clock.contains(nil) else { return nil }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    let parts = DateComponents(
        year: day[0],
        month: day[1],
        day: day[2],
        hour: clock[0],
        minute: clock[1],
        second: clock[2]
    )
    guard parts.isValidDate(in: calendar), let date = calendar.date(from: parts) else { return nil }
    return Int64(date.timeIntervalSince1970) * 1_000_000
}

/// The status of `ExitCode`, as `1:0`, as a shell says it.
func exitStatus(_ text: String?, state: String) -> Int32? {
    if state == "COMPLETED" { return 0 }
    let parts = (text ?? "").split(separator: ":").map { Int32($0) ?? 0 }
    guard parts.count == 2 else { return nil }
    if parts[1] > 0 { return 128 + parts[1] }
    return parts[0] > 0 ? parts[0] : nil
}
