import Metering

/// What no comparison asks of a run's end: it is stored beside the rest, as the marks are, and read only with a whole
/// run.
struct RunDetail: Codable {
    /// Of each channel, in the account's order.
    var budgets: [UncertaintyBudget?]
    var gaps: [[Gap]]
    var regions: [RegionEnergy]
    var metrics: [MetricCourse]?
    var job: JobAccount?
}

extension RunEnd {
    /// Takes the marks and the detail out, and hands the detail over.
    mutating func removeDetail() -> RunDetail {
        let detail = RunDetail(
            budgets: account.channels.map(\.budget),
            gaps: account.channels.map(\.gaps),
            regions: account.regions,
            metrics: account.metrics,
            job: job
        )
        marks.marks = []
        for index in account.channels.indices {
            account.channels[index].budget = nil
            account.channels[index].gaps = []
        }
        account.regions = []
        account.metrics = nil
        job = nil
        return detail
    }

    /// Puts back what ``removeDetail()`` took.
    mutating func restore(_ detail: RunDetail) {
        for (index, (budget, gaps)) in zip(detail.budgets, detail.gaps).enumerated().prefix(account.channels.count) {
            account.channels[index].budget = budget
            account.channels[index].gaps = gaps
        }
        account.regions = detail.regions
        account.metrics = detail.metrics
        job = detail.job
    }
}
