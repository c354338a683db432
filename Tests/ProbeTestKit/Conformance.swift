import CProbeTestKit
public import Metering

/// What a probe breaks of the contract that all probes share; empty where it keeps it.
///
/// Checked over so many reads: channels that do not change, unique names, a reading for every channel (a count, or
/// missing) at every read, no memory asked for by the reading thread once it is warm, and no descriptor below `root`
/// left open after the probe has gone.
///
/// - Parameters:
///   - root: A folder of the caller's own, since descriptors of other tests must not be counted; `nil`: none is.
///   - open: Opens the probe.
public func violations<P: Probe & ~Copyable>(
    below root: String?,
    reads: Int = 10_000,
    open: () throws -> P
) throws -> [String] {
    var broken: [String] = []
    let before = openFiles(below: root)
    examine(try open(), reads: reads, &broken)
    let after = openFiles(below: root)
    if after != before { broken.append("\(after - before) descriptors stay open") }
    return broken
}

private func examine<P: Probe & ~Copyable>(_ probe: consuming P, reads: Int, _ broken: inout [String]) {
    let channels = probe.channels
    broken += namingFaults(channels)
    // A count that no probe gives: what is still there after a read was not written.
    let untouched = RawReading(raw: RawReading.missing - 1, sourceTime: 0xFACE)
    var readings = [RawReading](repeating: untouched, count: channels.count)

    func read(_ probe: inout P) -> Bool {
        var span = readings.mutableSpan
        do throws(ProbeError) {
            try probe.read(into: &span)
            return true
        } catch {
            return false
        }
    }
    if !read(&probe) { broken.append("the first read throws") }
    for (channel, reading) in zip(channels, readings) where reading == untouched {
        broken.append("\(channel.name) is not written")
    }
    if probe.channels != channels { broken.append("the channels change") }

    // The first reads may fill caches of the runtime.
    for _ in 0..<10 { _ = read(&probe) }
    let start = callocations_of_this_thread()
    for _ in 0..<reads { _ = read(&probe) }
    let requests = callocations_of_this_thread() - start
    if requests > 0 { broken.append("\(requests) allocations in \(reads) reads") }
    if probe.channels != channels { broken.append("the channels change while it reads") }
}

/// What is wrong with the names and the containment of channels that stand in one run.
public func namingFaults(_ channels: [Channel]) -> [String] {
    var broken: [String] = []
    let names = Set(channels.map(\.name))
    if channels.isEmpty { broken.append("no channel") }
    if names.count != channels.count { broken.append("two channels of one name") }
    for channel in channels {
        if channel.name.isEmpty || channel.name.contains(where: \.isWhitespace) {
            broken.append("'\(channel.name)' is no name")
        }
        if let outer = channel.containedIn {
            if !names.contains(outer) { broken.append("\(channel.name) lies in \(outer), which is not read") }
            if channel.inTotal, channels.contains(where: { $0.name == outer && $0.inTotal }) {
                broken.append("\(channel.name) and \(outer) around it are both in the total")
            }
        }
        if !channel.countsEvents, channel.relativeUncertainty <= 0 || channel.uncertaintySource.isEmpty {
            broken.append("\(channel.name) states no uncertainty")
        }
    }
    return broken
}

/// Whether requests for memory are counted at all: without it the check above could not fail.
public func countsAllocations() -> Bool {
    let start = callocations_of_this_thread()
    let array = [Int](repeating: 1, count: 1000 + Int(start % 2))
    return array.count >= 1000 && callocations_of_this_thread() > start
}

/// The requests for memory of the calling thread while a body runs.
public func allocations(_ body: () -> Void) -> UInt64 {
    let start = callocations_of_this_thread()
    body()
    return callocations_of_this_thread() - start
}

/// The bytes that the calling thread asks for while a body runs.
public func allocatedBytes(_ body: () throws -> Void) rethrows -> UInt64 {
    let start = callocated_bytes_of_this_thread()
    try body()
    return callocated_bytes_of_this_thread() - start
}

/// How many descriptors of this process are open on files below a folder.
private func openFiles(below root: String?) -> Int {
    guard let root else { return 0 }
    let descriptors = FileTree(root: "/proc/self/fd")
    return ((try? descriptors.entries("")) ?? []).count { descriptors.link("/" + $0)?.hasPrefix(root) ?? false }
}
