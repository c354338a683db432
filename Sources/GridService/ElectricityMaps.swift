internal import Carbon

extension GridService {
    /// Electricity Maps, version 3: hourly averages, life-cycle.
    ///
    /// A run within the present hour asks for the latest figure, one of the last day for the history, and an older one
    /// for its own hours.
    func electricityMaps(_ run: Range<Int64>, now: Int64) throws(CarbonError) -> [PublishedIntensity] {
        struct Point: Decodable {
            var carbonIntensity: Double?
            var datetime: String
            var isEstimated: Bool?
            var emissionFactorType: String?
        }
        struct Points: Decodable {
            var history: [Point]?
            var data: [Point]?
        }
        let hour: Int64 = 3600
        let (from, to) = (run.lowerBound / 1_000_000, run.upperBound / 1_000_000)
        let thisHour = now / 1_000_000 / hour * hour
        let base =
            address(Self.electricityMapsAddress, else: "https://api.electricitymaps.com") + "/v3/carbon-intensity/"
        let query = "?zone=\(escaped(source.region ?? ""))&emissionFactorType=lifecycle"
        let token = environment[Self.electricityMapsToken] ?? ""
        let points: [Point]
        let url: String
        if from >= thisHour {
            url = base + "latest" + query
            points = [try ask(Curl.Request(url: url, headers: ["auth-token: \(token)"]), for: Point.self)]
        } else {
            let start = rfc3339(from / hour * hour)
            let end = rfc3339((to / hour + 1) * hour)
            url =
                from > now / 1_000_000 - 23 * hour
                ? base + "history" + query
                : base + "past-range" + query + "&start=\(escaped(start))&end=\(escaped(end))"
            let answer = try ask(Curl.Request(url: url, headers: ["auth-token: \(token)"]), for: Points.self)
            guard let list = answer.history ?? answer.data else { throw odd("has no list of figures") }
            points = list
        }
        var found: [PublishedIntensity] = []
        for point in points {
            // An hour without a figure is a gap, told of where the run needs it.
            guard let value = point.carbonIntensity else { continue }
            let start = try seconds(point.datetime)
            found.append(
                PublishedIntensity(
                    source: source,
                    interval: .init(from: start, to: start + hour, value: try intensity(value)),
                    basis: point.emissionFactorType == "direct" ? .direct : .lifeCycle,
                    kind: .average,
                    isProvisional: point.isEstimated ?? false,
                    url: url,
                    fetchedAt: now
                )
            )
        }
        return found
    }
}
