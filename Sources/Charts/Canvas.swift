internal import Quantities

/// Writes SVG elements, in the order in which they are drawn.
struct Canvas {
    /// Where a text stands in relation to its point.
    enum Anchor: String {
        case start, middle, end
    }

    private(set) var markup = ""

    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, as name: String) {
        markup +=
            "<path class=\"\(name)\" d=\"M\(coordinate(x1)) \(coordinate(y1))L\(coordinate(x2)) \(coordinate(y2))\"/>\n"
    }

    /// A rectangle; `tip` is shown where a pointer rests on it.
    mutating func rectangle(
        x: Double,
        y: Double,
        width: Double,
        height: Double,
        as name: String,
        radius: Double = 0,
        tip: String? = nil
    ) {
        let corner = radius > 0 ? " rx=\"\(coordinate(radius))\"" : ""
        let place = "x=\"\(coordinate(x))\" y=\"\(coordinate(y))\""
        let size = "width=\"\(coordinate(max(0, width)))\" height=\"\(coordinate(max(0, height)))\""
        markup += "<rect class=\"\(name)\" \(place) \(size)\(corner)"
        markup += tip.map { "><title>\(escaped($0))</title></rect>\n" } ?? "/>\n"
    }

    mutating func text(_ words: String, x: Double, y: Double, anchor: Anchor = .start, as name: String = "") {
        let side = anchor == .start ? "" : " text-anchor=\"\(anchor.rawValue)\""
        let kind = name.isEmpty ? "" : " class=\"\(name)\""
        markup += "<text\(kind) x=\"\(coordinate(x))\" y=\"\(coordinate(y))\"\(side)>\(escaped(words))</text>\n"
    }

    /// A line through the points; a point that is not finite lifts the pen.
    mutating func polyline(_ points: [Point], as name: String) {
        var data = ""
        var drawing = false
        for point in points {
            guard point.x.isFinite, point.y.isFinite else {
                drawing = false
                continue
            }
            data += "\(drawing ? "L" : "M")\(coordinate(point.x)) \(coordinate(point.y))"
            drawing = true
        }
        guard !data.isEmpty else { return }
        markup += "<path class=\"\(name)\" d=\"\(data)\"/>\n"
    }

    /// A mark whose shape tells its series apart without colour.
    mutating func mark(_ series: Int, at point: Point, size: Double, as name: String, tip: String? = nil) {
        let (x, y, r) = (point.x, point.y, size / 2)
        let corners: [(Double, Double)]
        switch series % 4 {
        case 0:
            let place = "cx=\"\(coordinate(x))\" cy=\"\(coordinate(y))\" r=\"\(coordinate(r))\""
            markup += "<circle class=\"\(name) \(Chart.series(series))\" \(place)"
            markup += tip.map { "><title>\(escaped($0))</title></circle>\n" } ?? "/>\n"
            return
        case 1: corners = [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]
        case 2: corners = [(0, -1.2), (1.15, 0.85), (-1.15, 0.85)]
        default: corners = [(0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)]
        }
        let data = corners.map { "\(coordinate(x + $0.0 * r)) \(coordinate(y + $0.1 * r))" }.joined(separator: "L")
        markup += "<path class=\"\(name) \(Chart.series(series))\" d=\"M\(data)Z\""
        markup += tip.map { "><title>\(escaped($0))</title></path>\n" } ?? "/>\n"
    }
}

/// A point in the data's units or in pixels.
public struct Point: Sendable, Hashable {
    public var x: Double
    public var y: Double

    /// A point; `y` that is not a number is a gap.
    public init(x: Double, y: Double) {
        self.x = x
        self.y = y
    }
}

/// A pixel coordinate with one decimal and no trailing zero.
func coordinate(_ value: Double) -> String {
    let text = decimal(value, places: 1)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

/// Text that is safe between tags and in double quotes; control characters that XML forbids are left out.
func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "\"": result += "&quot;"
        case "'": result += "&#39;"
        case "\t", "\n", "\r": result += " "
        case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": continue
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}
