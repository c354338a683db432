private import RealModule

/// What an interval says beside the smallest effect that matters.
public enum Relevance: String, Sendable, Hashable, CaseIterable {
    /// The whole interval lies beyond the smallest relevant effect, on one side.
    case relevant
    /// The whole interval lies within it: shown to be too small to matter.
    case negligible
    /// The interval holds both.
    case undecided
}

/// The relevance of a difference whose interval is given, with effects of `smallestEffect` and more relevant.
///
/// A 95 % interval within the bounds is two one-sided tests at 2.5 %, stricter than the customary 5 %.
/// `undecided` where the smallest effect is not positive. Source: Schuirmann (1987); Lakens, Soc. Psychol. Personal.
/// Sci. 8 (2017), 355-362.
public func relevance(of interval: ClosedRange<Double>, smallestEffect: Double) -> Relevance {
    guard smallestEffect > 0 else { return .undecided }
    if interval.lowerBound >= smallestEffect || interval.upperBound <= -smallestEffect { return .relevant }
    return interval.lowerBound > -smallestEffect && interval.upperBound < smallestEffect ? .negligible : .undecided
}

/// The relevance of a ratio whose interval is given, with a saving of the share `smallestSaving` and more relevant.
///
/// A loss is as relevant as the saving that would undo it: at 5 %, ratios up to 0.95 and from 1/0.95. `undecided`
/// where the share does not lie between 0 and 1.
public func relevance(ofRatio interval: ClosedRange<Double>, smallestSaving: Double) -> Relevance {
    guard smallestSaving > 0, smallestSaving < 1, interval.lowerBound > 0 else { return .undecided }
    return relevance(
        of: Double.log(interval.lowerBound)...Double.log(interval.upperBound),
        smallestEffect: -Double.log(onePlus: -smallestSaving)
    )
}
