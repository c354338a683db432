import Foundation
import Quantities
import Testing

@Suite("Quantities")
struct QuantityTests {
    @Test func `products follow physics`() {
        #expect(Watts(50) * Seconds(20) == Joules(1000))
        #expect(Joules(1000) / Seconds(20) == Watts(50))
        #expect(Joules(1000) / Watts(50) == Seconds(20))
        #expect(Joules(1000) / Joules(500) == 2)
        #expect(Joules(joulesPerKilowattHour) * GramsPerKilowattHour(330) == GramsCO2e(330))
        #expect(Seconds(nanoseconds: 1_500_000_000) == Seconds(1.5))
    }

    @Test func `sums and order`() {
        #expect(Joules(1) + Joules(2) - Joules(4) == Joules(-1))
        #expect(-Joules(1) < .zero)
        #expect([Joules(3), Joules(1)].min() == Joules(1))
        #expect(2 * Joules(3) / 4 == Joules(1.5))
    }

    @Test func `a quantity is eight bytes`() {
        #expect(MemoryLayout<Joules>.size == 8)
    }

    @Test func `coding keeps every bit, as a bare number`() throws {
        for value in [0.1, 617.2, -1e-300, 1.7976931348623157e308] {
            let data = try JSONEncoder().encode([Joules(value)])
            #expect(try JSONDecoder().decode([Joules].self, from: data) == [Joules(value)])
        }
        #expect(String(decoding: try JSONEncoder().encode([Joules(2.5)]), as: UTF8.self) == "[2.5]")
    }
}
