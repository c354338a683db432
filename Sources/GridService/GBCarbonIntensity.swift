internal import Carbon

extension GridService {
    /// The Carbon Intensity API of Great Britain: half-hourly averages of what leaves the stacks, imports included.
    ///
    /// The whole grid has what was, once it is known, and the forecast before; a region has the forecast alone.
    func gb(_ run: Range<Int64>, now: Int64) throws(CarbonError) -> [PublishedIntensity] {
        struct Point: Decodable {
            struct Figures: Decodable {
                var forecast: Double?
                var actual: Double?
            }
            var from: String
            var to: String
            var intensity: Figures
        }
        struct Nation: Decodable { var data: [Point] }
        struct Region: Decodable { var data: Nation }
        let half: Int64 = 1800
        let from = minute(run.lowerBound / 1_000_000 / half * half)
        let to = minute((run.upperBound / 1_000_000 / half + 1) * half)
        let base = address(Self.gbAddress, else: "https://api.carbonintensity.org.uk")
        let url: String
        let points: [Point]
        if let region = source.region {
            url = "\(base)/regional/intensity/\(from)/\(to)/regionid/\(region)"
            points = try ask(Curl.Request(url: url), for: Region.self).data.data
        } else {
            url = "\(base)/intensity/\(from)/\(to)"
            points = try ask(Curl.Request(url: url), for: Nation.self).data
        }
        var found: [PublishedIntensity] = []
        for point in points {
            guard let value = point.intensity.actual ?? point.intensity.forecast else { continue }
            found.append(
                PublishedIntensity(
                    source: source,
                    interval: .init(
                        from: try seconds(point.from),
                        to: try seconds(point.to),
                        value: try intensity(value)
                    ),
                    basis: .direct,
                    kind: .average,
                    isProvisional: point.intensity.actual == nil,
                    url: url,
                    fetchedAt: now
                )
            )
        }
        return found
    }

    /// As `2026-11-23T20:00Z`: this service writes no seconds.
    private func minute(_ seconds: Int64) -> String { rfc3339(seconds).dropLast(4) + "Z" }
}
