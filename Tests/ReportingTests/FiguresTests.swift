import Analysis
import Testing

@testable import Reporting

@Suite struct FiguresTests {
    @Test(arguments: [
        (7324, 1500, "7320"), (74.7, 128, "75"), (614.04, 37, "614"), (614.04, 6.8, "614.0"), (0.4567, 0.021, "0.457"),
    ])
    func digitsFollowTheUncertainty(value: Double, uncertainty: Double, expected: String) {
        #expect(rounded(value, to: uncertainty) == expected)
    }

    @Test func calibrationTakesDigitsThatRepeatsWouldGive() {
        let estimate = Estimate(value: 614.04, low: 613.9, high: 614.2)
        #expect(ColumnUnit(plain: "J").cell(estimate).text == "614.04")
        let cell = ColumnUnit(plain: "J").cell(estimate, calibration: 0.06)
        #expect(cell.text == "614" && cell.detail == "614 to 614")
    }

    @Test func boundsStayWhereTheQuantityCanLie() {
        let wide = Estimate(value: 4.4, low: -3.2, high: 12)
        #expect(ColumnUnit(plain: "s").cell(wide, floor: 0).detail == "0.0 to 12.0")
        #expect(ColumnUnit(plain: "").cell(wide).detail == "-3.2 to 12.0")
    }

    @Test func unshownDifferenceIsSaidBesideItsFigure() {
        let words = { (value: Double) in "\(Int(value))" }
        #expect(Document.interval(-15, 47, none: 0, words) == "-15 to 47 (95 %), no difference shown")
        #expect(Document.interval(6, 35, none: 0, words) == "6 to 35 (95 %)")
        #expect(Document.interval(nil, nil, none: 0, words) == "too few runs for an interval")
    }

    @Test func wholePercentsWhereTenthsAreNoise() {
        #expect(percentPlaces(-0.15, 0.47) == 0 && percentPlaces(0.379, 0.402) == 1 && percentPlaces(nil, nil) == 1)
    }
}
