internal import Ledger
internal import Metering
internal import Quantities
internal import Statistics

/// The part of a run that the questions are about: region `train`, or `infer`, where every run marks it, else the whole
/// run.
///
/// The start of a program, which may take seconds, is no part of what a precision or a framework's arithmetic costs.
struct Window {
    /// Regions that hold a program's work proper; a training that predicts afterwards is a training.
    static let works = ["train", "infer"]

    /// `nil`: the whole run.
    var region: String?
    /// Whether seconds and joules are those of an image.
    private(set) var isPerImage = false

    /// - Parameter sides: arms that are set beside each other. Where the plan gives them different work and all count the
    ///   images of the region, an image is compared: a program's start is no image's, nor is a validation, of which an
    ///   image's share has to be the same.
    init(of runs: [RunRecord], sides: [[[RunRecord]]]) {
        let marked = Self.works.first { name in
            runs.allSatisfy { run in
                guard let region = run.region(name), region.duration.value > 0 else { return false }
                return run.joules == nil || region.joules != nil
            }
        }
        region = runs.isEmpty ? nil : marked
        isPerImage =
            region != nil && sides.contains(where: areGivenDifferentWork) && runs.allSatisfy { images($0) != nil }
            && sides.allSatisfy { arms in areAlike(arms.joined().compactMap(validations)) }
    }

    /// What seconds and joules are of, where that is not all.
    var per: String? { isPerImage ? "image" : nil }

    func seconds(_ run: RunRecord) -> Double? {
        share(of: run, region.map { run.region($0)?.duration.value } ?? run.duration)
    }

    func joules(_ run: RunRecord) -> Double? {
        share(of: run, region.map { run.region($0)?.joules?.value } ?? run.joules)
    }

    private func count(_ name: String, _ run: RunRecord) -> Double {
        Double(region.flatMap { run.region($0)?.counts[name] } ?? 0)
    }

    private func images(_ run: RunRecord) -> Double? {
        let images = count("images", run)
        return images > 0 ? images : nil
    }

    /// Images of the validation over those learned from.
    private func validations(_ run: RunRecord) -> Double? {
        images(run).map { count("validation_images", run) / $0 }
    }

    private func areAlike(_ shares: [Double]) -> Bool {
        guard let least = shares.min(), let most = shares.max() else { return true }
        return most - least <= equalWork
    }

    private func share(of run: RunRecord, _ value: Double?) -> Double? {
        isPerImage ? value.flatMap { value in images(run).map { value / $0 } } : value
    }
}

extension RunRecord {
    fileprivate func region(_ path: String) -> RegionEnergy? { end?.account.regions.first { $0.path == path } }
}

extension Contrast {
    /// Baseline time over candidate time; `nil` of unequal work or machines.
    func speedup(in window: Window) -> RatioInference? {
        guard obstaclesToTimes(of: runs, perImage: window.isPerImage).isEmpty else { return nil }
        let (candidate, baseline) = values(window.seconds)
        return ratio(baseline, candidate)
    }

    /// Candidate joules over baseline joules; `nil` where they must not be set against each other.
    func energyRatio(in window: Window) -> RatioInference? {
        obstacles(to: runs, perImage: window.isPerImage).isEmpty ? ratio(window.joules) : nil
    }
}
