private import RealModule

/// How many pairs a two-stage experiment needs, from the differences of its first stage.
///
/// With n ≥ (t s / d)², t for n0 - 1 degrees of freedom and s of the first stage alone, the interval of half width `d`
/// about the mean of all pairs covers its true value with probability 1 - `alpha` at least, whatever the variance.
/// Stopping when an interval happens to be narrow does not. Source: Stein, Ann. Math. Statist. 16 (1945), 243-258.
/// `nil` where the first stage has no variance to tell.
public func steinCount(firstStage: [Double], halfWidth: Double, alpha: Double = 0.05) -> Int? {
    guard let spread = standardDeviation(firstStage), halfWidth > 0, alpha > 0, alpha < 1 else { return nil }
    let t = StudentT(degreesOfFreedom: Double(firstStage.count - 1)).upperQuantile(alpha / 2)
    let wanted = (t * spread / halfWidth) * (t * spread / halfWidth)
    guard wanted.isFinite else { return nil }
    return max(firstStage.count, wanted < 1e9 ? Int(wanted.rounded(.up)) : 1_000_000_000)
}

/// The mean of a two-stage sample: of all values, with the standard deviation of the first `firstStage` alone.
///
/// Only so the interval keeps its level after the first stage chose the number of values (Stein 1945). With no more
/// values than the first stage it is the ordinary mean; `nil` of nothing.
public func twoStageInference(_ values: [Double], firstStage: Int) -> Inference? {
    guard values.count > firstStage, firstStage > 1 else { return meanInference(values) }
    guard let center = mean(values), let spread = standardDeviation(Array(values.prefix(firstStage))) else {
        return nil
    }
    return Inference(
        value: center,
        standardError: spread / Double(values.count).squareRoot(),
        degreesOfFreedom: Double(firstStage - 1)
    )
}

/// The ratio of pairs of a two-stage sample, `x` over `y`; as ``pairedRatio(_:_:)`` otherwise.
public func twoStageRatio(_ x: [Double], _ y: [Double], firstStage: Int) -> RatioInference? {
    guard x.count == y.count, (x + y).allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    let differences = zip(x, y).map { Double.log($0) - Double.log($1) }
    return twoStageInference(differences, firstStage: firstStage).map(withoutRounding)
}
