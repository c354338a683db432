import Testing

@testable import UNet

/// Weights in blocks: every value has a place of its own, and nobody outside sees the order.
@Suite struct WeightOrderTests {
    @Test func blocksLieAsTheyAreDescribed() {
        let order = WeightOrder(rows: 32, parts: [16, 32])
        let shape = [32, 48, 3, 3]
        var places: [Int] = []
        order.forEachPlace(shape) { places.append($0) }
        #expect(Set(places) == Set(0..<32 * 48 * 9))
        // Row 17, column 16 + 5 and tap 4: in the second part, of its two by two blocks the third, row 1 of column 5.
        let place = 32 * 16 * 9 + (2 * 9 + 4) * 256 + 5 * 16 + 1
        #expect(places[(17 * 48 + 21) * 9 + 4] == place)
    }

    @Test(arguments: [(8, [16]), (16, [8, 8]), (16, [1]), (16, [16, 8])])
    func channelsThatFillNoBlockStayPlain(rows: Int, parts: [Int]) {
        #expect(WeightOrder(rows: rows, parts: parts) == .plain)
    }

    /// A net with weights of both orders, from the same seed, is the same net.
    @Test func theOrderIsSeenByNobody() throws {
        let net = NetConfiguration(filters: 8, depth: 3)
        let (blocked, plain) = (try NetParameters(net, isBlocked: true), try NetParameters(net))
        blocked.initialize(seed: 3)
        plain.initialize(seed: 3)
        #expect(
            blocked.slots.contains { $0.order != .plain }
                && blocked.slots.contains { $0.shape.count == 4 && $0.order == .plain }
        )
        for (one, other) in zip(blocked.slots, plain.slots) {
            let values = blocked.read(one, from: blocked.values)
            #expect(values == plain.read(other, from: plain.values))
            blocked.write(values, to: one, in: blocked.gradients)
            #expect(blocked.read(one, from: blocked.gradients) == values)
        }
    }
}
