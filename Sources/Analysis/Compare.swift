public import Ledger

/// Sets a candidate's runs beside a baseline's.
///
/// Only measurement runs that finished with status 0 count; findings name the others. Ratios are of geometric means,
/// with 95 % intervals from Student's t on logarithms.
/// - Parameters:
///   - labels: What the document calls baseline and candidate.
///   - paired: Whether runs of one block (else of one position) belong together.
///   - quality: The metric that must be kept; `nil` leaves the axis out.
///   - idlePower: The machine's idle power; where `nil` there is no net figure.
/// - Throws: Where a side has no run that counts.
public func compare(
    baseline: [RunRecord],
    candidate: [RunRecord],
    labels: (String, String),
    paired: Bool,
    quality: QualityCriterion?,
    idlePower: IdlePower? = nil
) throws(AnalysisError) -> Comparison {
    let contrast = try Contrast(
        baseline: baseline,
        candidate: candidate,
        labels: labels,
        paired: paired,
        quality: quality,
        idle: idlePower
    )
    return judge([contrast])[0].comparison
}
