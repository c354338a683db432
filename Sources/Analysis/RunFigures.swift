internal import Carbon
internal import Ledger
internal import Metering
internal import Quantities

/// What is read off one run; `nil` where the run does not know it.
extension RunRecord {
    var id: String { start.id }

    /// Joules of the total.
    var joules: Double? { end?.account.total.joules?.value }

    /// Mean power in watts over the whole run.
    var meanPower: Double? {
        guard let joules, let duration, duration > 0 else { return nil }
        return joules / duration
    }

    /// Joules times seconds.
    var energyDelay: Double? { joules.flatMap { joules in duration.map { joules * $0 } } }

    /// Images that the workload counted.
    var images: Double? { end?.counts["images"].map { Double($0) } }

    /// Images a second in region `train` or `infer`, else of the run.
    var throughput: Double? {
        let regions = end?.account.regions ?? []
        let work = Window.works.lazy.compactMap { name in
            regions.first { $0.path == name || $0.path.hasSuffix("/" + name) }
        }.first
        if let work, let count = work.counts["images"], work.duration.value > 0 {
            return Double(count) / work.duration.value
        }
        guard let images, let duration, duration > 0 else { return nil }
        return images / duration
    }

    /// Joules of the run over its images.
    var joulesPerImage: Double? {
        guard let joules, let images, images > 0 else { return nil }
        return joules / images
    }

    /// Images of the run over its joules.
    var imagesPerJoule: Double? {
        guard let joules, let images, joules > 0 else { return nil }
        return images / joules
    }

    /// Joules by device, of the channels in the total.
    var deviceJoules: [Device: Double] {
        var sums: [Device: Double] = [:]
        for energy in end?.account.channels ?? [] where energy.channel.inTotal {
            guard let joules = energy.joules?.value else { continue }
            sums[energy.channel.device, default: 0] += joules
        }
        return sums
    }

    /// The fewest readings of a channel in the total.
    var samples: Int? { end?.account.channels.filter(\.channel.inTotal).map(\.samples).min() }

    /// The relative standard uncertainty that all runs on the same sensors share: the calibration's.
    var calibrationUncertainty: Double? {
        guard let total = end?.account.total, let joules = total.joules?.value, joules > 0,
            let expanded = total.uncertainty?.value
        else { return nil }
        if let budget = total.budget { return budget.shared.value / joules }
        // A ledger from before budgets were kept: k was 2 throughout.
        let random = total.randomUncertainty?.value ?? 0
        return max(0, expanded * expanded / 4 - random * random).squareRoot() / joules
    }

    /// Why the run cannot count, as a sentence; `nil` where it does.
    var reasonToLeaveOut: String? {
        if let failure = start.tags[RunRecord.failureTag] { return "Run \(id) is left out: \(failure)" }
        switch state {
        case .running: return "Run \(id) has not ended; it is left out."
        case .interrupted: return "Run \(id) was interrupted; it is left out."
        case .finished:
            guard let duration, duration > 0 else { return "Run \(id) took no time; it is left out." }
            guard let status = end?.exitStatus else { return "Run \(id) has no exit status; it is left out." }
            return status == 0 ? nil : "Run \(id) failed with status \(status); it is left out."
        }
    }
}

/// The runs that count, and a sentence for each measurement that does not.
func counting(_ runs: [RunRecord]) -> (runs: [RunRecord], leftOut: [String]) {
    let measurements = runs.filter { $0.start.role == .measurement }
    return (measurements.filter { $0.reasonToLeaveOut == nil }, measurements.compactMap(\.reasonToLeaveOut))
}
