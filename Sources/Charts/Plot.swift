internal import Quantities

/// The frame that charts with two axes share: grid, tick labels and axis titles around a plotting area.
struct Plot {
    /// The plotting area in pixels.
    var left: Double
    var top: Double
    var right: Double
    var bottom: Double
    var x: Scale
    var y: Scale

    /// A plotting area with linear axes over the given domains.
    init(left: Double, top: Double, right: Double, bottom: Double, x: ClosedRange<Double>, y: ClosedRange<Double>) {
        self.left = left
        self.top = top
        self.right = right
        self.bottom = bottom
        self.x = Scale(domain: x, range: (left, right))
        self.y = Scale(domain: y, range: (bottom, top))
    }

    /// Draws horizontal grid lines with their labels, and the title above them.
    func drawY(_ ticks: Ticks, title: String, on canvas: inout Canvas, titleY: Double) {
        for (value, label) in zip(ticks.values, ticks.labels) {
            let height = y(value)
            canvas.line(left, height, right, height, as: "grid")
            canvas.text(label, x: left - 6, y: height + 4, anchor: .end)
        }
        canvas.text(title, x: 0, y: titleY, as: "small")
    }

    /// Draws the axis below with its labels, and the title under them; labels that would touch are left out.
    func drawX(_ ticks: Ticks, title: String, on canvas: inout Canvas) {
        canvas.line(left, bottom, right, bottom, as: "axis")
        var free = -Double.infinity
        for (value, label) in zip(ticks.values, ticks.labels) {
            let place = x(value)
            canvas.line(place, bottom, place, bottom + 4, as: "axis")
            let half = textWidth(label) / 2
            guard place - half > free else { continue }
            canvas.text(label, x: place, y: bottom + 17, anchor: .middle)
            free = place + half + 4
        }
        canvas.text(title, x: (left + right) / 2, y: bottom + 34, anchor: .middle, as: "small")
    }
}

extension Canvas {
    /// Draws a legend from `top` on and returns the height that it took.
    mutating func legend(
        _ labels: [String],
        left: Double,
        width: Double,
        top: Double,
        swatch: (inout Canvas, _ series: Int, _ x: Double, _ y: Double) -> Void
    ) -> Double {
        let rows = legendRows(labels, width: width)
        for (line, row) in rows.enumerated() {
            let y = top + Double(line) * 18 + 12
            for entry in row {
                swatch(&self, entry.index, left + entry.x, y - 4)
                text(fitted(labels[entry.index], to: width - 18), x: left + entry.x + 18, y: y)
            }
        }
        return Double(rows.count) * 18
    }
}
