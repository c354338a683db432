import Quantities
import Testing

@Suite("Numbers for people")
struct FormattingTests {
    @Test(arguments: [
        (12.3, 2, "12.30"), (0.005, 2, "0.01"), (-0.001, 2, "0.00"), (-1.5, 0, "-2"), (0, 3, "0.000"),
        (999.999, 2, "1000.00"), (1, -3, "1"),
    ])
    func `fixed decimals`(value: Double, places: Int, text: String) {
        #expect(decimal(value, places: places) == text)
    }

    @Test(arguments: [
        (0.0123, "0.0123"), (1234, "1230"), (9.996, "10.0"), (99.96, "100"), (0, "0"), (-0.000_456_7, "-0.000457"),
    ])
    func `significant digits`(value: Double, text: String) {
        #expect(significant(value) == text)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity]) func `what is no number is a dash`(value: Double) {
        #expect(decimal(value, places: 2) == "–")
        #expect(significant(value) == "–")
        #expect(Joules(value).formatted() == "–")
        #expect(duration(Seconds(value)) == "–")
    }

    @Test func `an uncertainty decides the digits`() {
        #expect(Joules(617.23).formatted(uncertainty: Joules(37.5)) == "617 ± 38 J")
        #expect(Joules(617.23).formatted(uncertainty: Joules(0.375)) == "617.23 ± 0.38 J")
        #expect(Joules(0).formatted(uncertainty: Joules(2)) == "0.0 ± 2.0 J")
        #expect(Joules(5).formatted(uncertainty: Joules(.nan)) == "5.00 J")
    }

    @Test(arguments: [
        (1234.0, "1.23 kJ"), (999.9, "1.00 kJ"), (0.0042, "4.20 mJ"), (3.6e6, "3.60 MJ"), (-1500, "-1.50 kJ"),
        (0, "0 J"), (2e9, "2.00 GJ"),
    ])
    func `prefixes`(value: Double, text: String) {
        #expect(Joules(value).formatted() == text)
    }

    @Test(arguments: [
        (0.84, "840 ms"), (12.3, "12.3 s"), (245, "4 min 05 s"), (7380, "2 h 03 min"), (59.96, "1 min 00 s"),
        (0, "0 ms"),
    ])
    func `times as people say them`(seconds: Double, text: String) {
        #expect(duration(Seconds(seconds)) == text)
    }

    @Test func `percentages`() {
        #expect(percent(0.391) == "39.1 %")
        #expect(percent(-0.0004) == "0.0 %")
        #expect(percent(1, places: 0) == "100 %")
    }

    @Test func `very large and very small numbers do not trap`() {
        for value in [Double.greatestFiniteMagnitude, .leastNonzeroMagnitude, 1e19, -1e300] {
            #expect(!decimal(value, places: 3).isEmpty)
            #expect(!significant(value).isEmpty)
            #expect(!Joules(value).formatted(uncertainty: Joules(value.magnitude)).isEmpty)
        }
    }
}
