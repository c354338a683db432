import Foundation
import Metering
import ProbeTestKit
import Testing

@testable import Ledger

/// At most four bytes a sample, whether a sample is one reading of one channel or a whole tick.
@Suite struct SizeTests {
    /// A minute of the modelled channels at 100 ms, recorded by `Fixtures/record-modelled-trace`.
    private static func modelled() throws -> Trace {
        var trace = Trace(channels: channels(2))
        for line in try String(contentsOfFile: Scratch.fixtures + "modelled-100ms.csv", encoding: .utf8).split(
            separator: "\n"
        ) {
            let fields = line.split(separator: ",").compactMap { UInt64($0) }
            trace.before.append(Int64(fields[0]) * 1000)
            trace.after.append(Int64(fields[1]) * 1000)
            for i in 0..<2 { trace.columns[i].append(fields[2 + i]) }
        }
        return trace
    }

    /// Eight counters of a busy machine at 100 Hz: 61 µJ a count, power that wanders, wake-ups some µs late.
    private static func counters() -> Trace {
        var random = SeededGenerator(seed: 1)
        var trace = Trace(channels: channels(8))
        var counts = (0..<8).map { UInt64($0) << 33 }
        var watts = (0..<8).map { 5 + 10 * Double($0) }
        for tick in 0..<6000 {
            let late = -60 * log(Double.random(in: 1e-6..<1, using: &random))
            let before = Int64(tick) * 10_000 + Int64(late)
            trace.before.append(before * 1000)
            trace.after.append((before + Int64.random(in: 38..<46, using: &random)) * 1000)
            for i in 0..<8 {
                watts[i] *= Double.random(in: 0.97..<1.031, using: &random)
                counts[i] += UInt64(watts[i] * 0.01 / 61e-6)
                trace.columns[i].append(counts[i])
            }
        }
        return trace
    }

    /// Stores a trace in pieces of a second as the meter does; the bytes of the ledger's chunks.
    private func stored(_ trace: Trace, ticksASecond: Int) throws -> Int {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let ledger = try scratch.ledger()
        try ledger.begin(runStart(), channels: [trace.channels])
        for first in stride(from: 0, to: trace.count, by: ticksASecond) {
            let range = first..<min(trace.count, first + ticksASecond)
            let piece = Trace(
                channels: trace.channels,
                before: Array(trace.before[range]),
                after: Array(trace.after[range]),
                columns: trace.columns.map { Array($0[range]) }
            )
            try ledger.append("run-1", stream: 0, piece)
        }
        try ledger.finish("run-1", runEnd())
        #expect(try ledger.traces("run-1") == [trace])
        #expect(try ledger.number("SELECT count(*) FROM chunk_recent") == 0)
        return try ledger.number("SELECT sum(length(data)) FROM chunk")
    }

    @Test func modelledChannelsTakeFourBytesATick() throws {
        let trace = try Self.modelled()
        #expect(trace.count == 600)
        let bytes = try stored(trace, ticksASecond: 10)
        #expect(Double(bytes) / Double(trace.count) <= 4, "\(bytes) bytes for \(trace.count) ticks of two channels")
    }

    @Test func eightCountersTakeFourBytesAReading() throws {
        let trace = Self.counters()
        let bytes = try stored(trace, ticksASecond: 100)
        let each = Double(bytes) / Double(8 * trace.count)
        #expect(each <= 2, "\(bytes) bytes for \(trace.count) ticks of eight channels")
    }

    @Test func aStoppedDiskIsCaughtUpInPieces() throws {
        let scratch = try Scratch()
        defer { scratch.clean() }
        let ledger = try scratch.ledger()
        try ledger.begin(runStart(), channels: [channels(1)])
        let trace = steady(channels(1), 0, 70_000)
        try ledger.append("run-1", stream: 0, trace)
        try ledger.append("run-1", stream: 0, steady(channels(1), 70_000, 10))
        #expect(try ledger.number("SELECT max(ticks) FROM chunk") <= 1 << 16)
        #expect(try ledger.traces("run-1") == [steady(channels(1), 0, 70_010)])
    }
}
