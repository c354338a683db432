import Foundation
import Metering
import ProbeTestKit
import Testing

@testable import Ledger

/// Samples become bytes and come back, whatever they are.
@Suite struct CodecTests {
    /// One kind of column that a sensor may give, from dull to absurd.
    enum Shape: CaseIterable {
        case constant, steady, jittery, steps, wrapping, falling, missing, extremes, random
    }

    private func column(_ shape: Shape, _ count: Int, _ random: inout SeededGenerator) -> [UInt64] {
        var value = UInt64.random(in: 0..<1 << 40, using: &random)
        return (0..<count).map { i in
            switch shape {
            case .constant: break
            case .steady: value &+= 1000
            case .jittery: value &+= UInt64.random(in: 900_000..<1_100_000, using: &random)
            case .steps: value &+= [0, 35_000, 35_001, 70_000].randomElement(using: &random) ?? 0
            case .wrapping: value = (value + UInt64.random(in: 0..<1 << 31, using: &random)) & 0xFFFF_FFFF
            case .falling: value &-= UInt64.random(in: 0..<1 << 20, using: &random)
            case .missing: value = i % 3 == 1 ? RawReading.missing : UInt64(i) * 77
            case .extremes: value = [0, 1, .max, .max - 1, 1 << 63, (1 << 63) - 1].randomElement(using: &random) ?? 0
            case .random: value = random.next()
            }
            return value
        }
    }

    private func trace(seed: UInt64, _ count: Int, _ width: Int) -> Trace {
        var random = SeededGenerator(seed: seed)
        var before: [Int64] = []
        var now = Int64.random(in: 0..<1 << 50, using: &random) / 1000 * 1000
        for _ in 0..<count {
            before.append(now)
            let widest: Int64 = [2, 200, 1_000_000].randomElement(using: &random) ?? 1
            now += Int64.random(in: 0..<widest, using: &random) * 1000
        }
        let after = before.map { $0 + Int64.random(in: 0..<100, using: &random) * 1000 }
        let columns = (0..<width).map { _ in
            column(Shape.allCases.randomElement(using: &random) ?? .random, count, &random)
        }
        return Trace(channels: channels(width), before: before, after: after, columns: columns)
    }

    @Test(arguments: 0..<60)
    func anyTraceComesBackExactly(seed: Int) {
        let count = [0, 1, 2, 3, 10, 61, 300][seed % 7]
        let trace = trace(seed: UInt64(seed), count, seed % 5)
        #expect(ChunkCodec.decode(ChunkCodec.encode(trace), channels: trace.channels) == trace)
    }

    @Test(arguments: Shape.allCases)
    func everyShapeComesBackExactly(shape: Shape) {
        var random = SeededGenerator(seed: 7)
        for count in [1, 2, 3, 4, 33, 500] {
            let values = column(shape, count, &random)
            var writer = BitWriter()
            ColumnCodec.write(values, to: &writer)
            var reader = BitReader(writer.bytes)
            #expect(ColumnCodec.read(count, from: &reader) == values)
            #expect(reader.isAtEnd)
        }
    }

    @Test func timesAreCutToMicroseconds() throws {
        let trace = Trace(channels: [], before: [1999, 5001], after: [2999, 7999])
        let back = try #require(ChunkCodec.decode(ChunkCodec.encode(trace), channels: []))
        #expect(back.before == [1000, 5000])
        #expect(back.after == [2000, 7000])
    }

    @Test func timesBeforeZeroAndAtTheEndsSurvive() throws {
        let ends = [Int64.min / 1000 * 1000, -5000, 0, Int64.max / 1000 * 1000]
        let trace = Trace(channels: [], before: ends, after: ends.reversed())
        #expect(ChunkCodec.decode(ChunkCodec.encode(trace), channels: []) == trace)
    }

    @Test func everyFlippedByteIsFound() {
        let trace = trace(seed: 3, 40, 3)
        let bytes = ChunkCodec.encode(trace)
        for place in bytes.indices {
            for mask in [1, 0x80, 0xFF] as [UInt8] {
                var damaged = bytes
                damaged[place] ^= mask
                #expect(ChunkCodec.decode(damaged, channels: trace.channels) == nil)
            }
        }
    }

    /// Fletcher's sum, modulo 255, took a byte of ones for one of zeros.
    @Test func zerosTurnedToOnesAreFound() throws {
        let bytes = ChunkCodec.encode(steady(channels(2), 0, 30))
        let zero = try #require(bytes[5...].firstIndex(of: 0))
        var damaged = bytes
        damaged[zero] = 0xFF
        #expect(ChunkCodec.decode(damaged, channels: channels(2)) == nil)
    }

    @Test func everyCutIsFound() {
        let bytes = ChunkCodec.encode(trace(seed: 4, 40, 3))
        for length in bytes.indices {
            #expect(ChunkCodec.decode(Array(bytes.prefix(length)), channels: channels(3)) == nil)
        }
        #expect(ChunkCodec.decode(bytes + [0], channels: channels(3)) == nil)
        #expect(ChunkCodec.decode(bytes, channels: channels(2)) == nil)
    }

    /// Bytes whose checksum is right and whose content is nonsense: from a file that somebody made.
    @Test(arguments: 0..<2000)
    func nonsenseNeverTraps(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var body: [UInt8]
        if seed % 2 == 0 {
            body = (0..<Int.random(in: 0..<200, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        } else {
            body = Array(ChunkCodec.encode(trace(seed: UInt64(seed), 12, 2)).dropFirst(5))
            for _ in 0..<3 {
                body[Int.random(in: 0..<body.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
        }
        let sum = CRC32.of(body[...])
        let fletcher = fletcher16(body[...])
        let second = [2] + (0..<4).map { UInt8(truncatingIfNeeded: sum >> (8 * $0)) } + body
        let first = [1, UInt8(fletcher & 255), UInt8(fletcher >> 8)] + body
        for chunk in [first, second] {
            if let trace = ChunkCodec.decode(chunk, channels: channels(2)) {
                #expect(trace.columns.allSatisfy { $0.count == trace.count } && trace.after.count == trace.count)
            }
        }
    }

    @Test func theChecksumIsTheKnownOne() {
        // The check value of CRC-32/ISO-HDLC.
        #expect(CRC32.of(Array("123456789".utf8)[...]) == 0xCBF4_3926)
    }
}
