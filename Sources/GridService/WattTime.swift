internal import Carbon

/// Grams a kilowatt-hour in a pound a megawatt-hour (the international pound is 453.59237 g).
private let gramsPerKilowattHourInPoundsPerMegawattHour = 0.45359237

extension GridService {
    /// WattTime, version 3: what one kilowatt-hour more would emit, in pounds a megawatt-hour, by the five minutes.
    func wattTime(_ run: Range<Int64>, now: Int64) throws(CarbonError) -> [PublishedIntensity] {
        struct Login: Decodable { var token: String }
        struct History: Decodable {
            struct Point: Decodable {
                var pointTime: String
                var value: Double?
            }
            struct Meta: Decodable {
                var units: String
                var signalType: String?
                var dataPointPeriodSeconds: Int64?
            }
            var data: [Point]
            var meta: Meta
        }
        let base = address(Self.wattTimeAddress, else: "https://api.watttime.org")
        let user = (environment[Self.wattTimeUser] ?? "", environment[Self.wattTimePassword] ?? "")
        let token = try ask(Curl.Request(url: base + "/login", user: user), for: Login.self).token
        // Figures come some minutes late: an hour before the run there is one to hold.
        let start = rfc3339((run.lowerBound / 1_000_000 - 3600) / 300 * 300)
        let end = rfc3339((run.upperBound / 1_000_000 / 300 + 1) * 300)
        let url =
            "\(base)/v3/historical?region=\(escaped(source.region ?? ""))&signal_type=co2_moer"
            + "&start=\(escaped(start))&end=\(escaped(end))"
        let answer = try ask(Curl.Request(url: url, headers: ["Authorization: Bearer \(token)"]), for: History.self)
        guard answer.meta.units == "lbs_co2_per_mwh" else {
            throw odd("is in “\(answer.meta.units.prefix(40))”, not in lbs_co2_per_mwh")
        }
        let period = answer.meta.dataPointPeriodSeconds ?? 300
        guard period > 0, period <= 3600 else { throw odd("has a period of \(period) s") }
        var found: [PublishedIntensity] = []
        for point in answer.data {
            guard let value = point.value else { continue }
            let from = try seconds(point.pointTime)
            found.append(
                PublishedIntensity(
                    source: source,
                    interval: .init(
                        from: from,
                        to: from + period,
                        value: try intensity(value * gramsPerKilowattHourInPoundsPerMegawattHour)
                    ),
                    basis: .direct,
                    kind: .marginal,
                    isProvisional: false,
                    url: url,
                    fetchedAt: now
                )
            )
        }
        return found
    }
}
