public import Metering

/// What the runs of one arm have in common, each figure a mean over the runs with its interval.
public struct ArmSummary: Sendable, Codable, Hashable {
    /// The levels in words, as `bf16` or `precision=bf16, filters=32`; of plain runs their name.
    public var label: String
    /// Factor levels, as `["precision": "bf16"]`; empty for plain runs.
    public var levels: [String: String]
    /// The runs that the figures are made of, in order.
    public var runIDs: [String]
    /// Whether other arms are compared with this one.
    public var isBaseline: Bool
    /// Spawn to reap, in seconds.
    public var duration: Estimate
    /// Joules of a run; `nil` where no run has any.
    public var energy: Estimate?
    /// Joules of a run above idle, the interval with the idle power's uncertainty; `nil` where idle is not known.
    public var netEnergy: Estimate?
    /// Expanded uncertainty (95 %) of one run's joules with the sensors' calibration, in joules.
    public var energyUncertainty: Double?
    /// Mean power in watts: joules over duration, run by run.
    public var meanPower: Estimate?
    /// Grams of CO2e of a run; the interval is that of the repeats, not of the grid's intensity.
    public var co2e: Estimate?
    /// Every metric that all runs of the arm have.
    public var metrics: [String: Estimate]
    /// Images a second while training: those of region `train` or `infer` over its time, else of the run.
    public var throughput: Estimate?
    /// Joules of a run over its images.
    public var joulesPerImage: Estimate?
    /// Images of a run over its joules.
    public var imagesPerJoule: Estimate?
    /// What it took to reach the plan's target; `nil` where it names none.
    public var target: TargetReach?
    /// Every count that all runs of the arm have, with its joules.
    public var counts: [String: CountSummary]
    /// Mean joules by device, of the channels in the total.
    public var deviceJoules: [Device: Double]
    /// What all runs said about themselves alike.
    public var info: [String: String]

    /// A summary; the arguments are the properties of the same names.
    public init(
        label: String,
        levels: [String: String],
        runIDs: [String],
        isBaseline: Bool,
        duration: Estimate,
        energy: Estimate?,
        netEnergy: Estimate? = nil,
        energyUncertainty: Double?,
        meanPower: Estimate?,
        co2e: Estimate?,
        metrics: [String: Estimate],
        throughput: Estimate?,
        joulesPerImage: Estimate?,
        imagesPerJoule: Estimate? = nil,
        target: TargetReach? = nil,
        counts: [String: CountSummary] = [:],
        deviceJoules: [Device: Double],
        info: [String: String]
    ) {
        self.label = label
        self.levels = levels
        self.runIDs = runIDs
        self.isBaseline = isBaseline
        self.duration = duration
        self.energy = energy
        self.netEnergy = netEnergy
        self.energyUncertainty = energyUncertainty
        self.meanPower = meanPower
        self.co2e = co2e
        self.metrics = metrics
        self.throughput = throughput
        self.joulesPerImage = joulesPerImage
        self.imagesPerJoule = imagesPerJoule
        self.target = target
        self.counts = counts
        self.deviceJoules = deviceJoules
        self.info = info
    }
}
