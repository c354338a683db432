/// The change of runs' values per unit of their position, with the arms' own means taken out.
///
/// `values`, `positions` and `arms` have one entry a run; the position is the place in the order of runs, or a time.
/// Its p-value tests for no drift. Logarithms give a relative drift. `nil` where the counts differ, a number is not
/// finite, or no arm has two positions. Source: analysis of covariance with one slope, Snedecor and Cochran (1967),
/// chapter 14: N - arms - 1 degrees of freedom.
public func drift(_ values: [Double], at positions: [Double], arms: [Int]) -> Inference? {
    guard values.count == positions.count, values.count == arms.count, (values + positions).allSatisfy(\.isFinite)
    else { return nil }
    var squares = 0.0
    var products = 0.0
    var heights = 0.0
    let labels = Set(arms).sorted()
    for arm in labels {
        let members = arms.indices.filter { arms[$0] == arm }
        guard let meanX = mean(members.map { positions[$0] }), let meanY = mean(members.map { values[$0] }) else {
            continue
        }
        for index in members {
            let x = positions[index] - meanX
            let y = values[index] - meanY
            squares += x * x
            products += x * y
            heights += y * y
        }
    }
    guard squares > 0, squares.isFinite else { return nil }
    let slope = products / squares
    let residuals = heights - slope * products
    let freedom = Double(values.count - labels.count - 1)
    guard freedom > 0, residuals > heights * 1e-14 else { return Inference(value: slope) }
    return Inference(
        value: slope,
        standardError: (residuals / freedom / squares).squareRoot(),
        degreesOfFreedom: freedom
    )
}

/// How far a run's temperature moved from its start to its end, by the line through its readings, in their unit.
///
/// A run beyond a plan's limit is to be flagged as thermally drifting. It is an estimate, no test: readings of one sensor
/// are not independent. `nil` where the counts differ, or there are fewer than three readings at two instants.
public func temperatureChange(_ temperatures: [Double], at seconds: [Double]) -> Double? {
    guard temperatures.count > 2, let line = trend(seconds, temperatures), let first = seconds.min(),
        let last = seconds.max()
    else { return nil }
    return line.slope.value * (last - first)
}
