public import Carbon
internal import Foundation
internal import Quantities

/// A live source of grid intensities, ready to be asked; nothing about a run but its time leaves the machine.
public struct GridService: Sendable {
    /// The environment variables with keys; none is ever stored.
    public static let electricityMapsToken = "ELECTRICITY_MAPS_TOKEN"
    public static let wattTimeUser = "WATTTIME_USER"
    public static let wattTimePassword = "WATTTIME_PASSWORD"
    /// Those that name another address than the service's own.
    public static let electricityMapsAddress = "WATTBOOK_ELECTRICITY_MAPS_URL"
    public static let gbAddress = "WATTBOOK_GB_URL"
    public static let wattTimeAddress = "WATTBOOK_WATTTIME_URL"

    /// The source with its region filled in.
    public let source: LiveSource
    let environment: [String: String]
    let curl: Curl

    /// A service; throws where its key, its region or curl is missing.
    ///
    /// - Parameters:
    ///   - zone: The zone of the table, which names the region for Electricity Maps where no other is given.
    ///   - timeout: The longest time that a request takes, s.
    public init(
        _ source: LiveSource,
        zone: String?,
        environment: [String: String],
        timeout: Double = 10
    ) throws(CarbonError) {
        var source = source
        var keys: [String] = []
        switch source.service {
        case .electricityMaps:
            keys = [Self.electricityMapsToken]
            source.region = source.region ?? zone
        case .gb: break
        case .wattTime: keys = [Self.wattTimeUser, Self.wattTimePassword]
        }
        if source.region == nil, source.service != .gb {
            throw CarbonError(
                code: .unknownZone,
                problem: "\(source.service.title) needs the name of a region.",
                remedy:
                    "Name it, as --live \(source.service == .wattTime ? "watttime:CAISO_NORTH" : "electricity-maps:DE")."
            )
        }
        if source.service == .gb, let region = source.region, !(1...17).contains(Int(region) ?? 0) {
            throw CarbonError(
                code: .unknownZone,
                problem: "“\(region)” is no region of the Carbon Intensity API.",
                remedy: "Name one of its numbers, 1 to 17, as --live gb:13, or none for all of Great Britain."
            )
        }
        for key in keys where (environment[key] ?? "").isEmpty {
            throw CarbonError(
                code: .missingKey,
                problem: "\(source.service.title) needs a key, and $\(key) is not set.",
                remedy: "Set $\(keys.joined(separator: " and $")); they are passed to curl and never stored.",
                exitCode: 78
            )
        }
        self.source = source
        self.environment = environment
        curl = try Curl(service: source.service.title, searchPath: environment["PATH"], timeout: timeout)
    }

    /// Asks for the intervals of a run; `run` and `now` in microseconds since 1970 (UTC).
    public func published(
        for run: Range<Int64>,
        now: Int64
    ) throws(CarbonError) -> [PublishedIntensity] {
        let found =
            switch source.service {
            case .electricityMaps: try electricityMaps(run, now: now)
            case .gb: try gb(run, now: now)
            case .wattTime: try wattTime(run, now: now)
            }
        guard !found.isEmpty else { throw odd("holds no figure for the time of the run") }
        return found
    }

    /// The service's address, without a slash at its end.
    func address(_ variable: String, else standard: String) -> String {
        let text = environment[variable].flatMap { $0.isEmpty ? nil : $0 } ?? standard
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    /// A query's value as it may stand in an address.
    func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._~")))
            ?? ""
    }

    /// Sends a request and reads its answer; throws a sentence for every other status than 200.
    func ask<Value: Decodable>(_ request: Curl.Request, for type: Value.Type) throws(CarbonError) -> Value {
        let answer = try curl.get(request)
        guard answer.status == 200 else { throw refusal(answer) }
        do {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode(type, from: answer.body)
        } catch {
            throw odd("is not of the form that its documentation gives")
        }
    }

    /// An answer that makes no sense.
    func odd(_ what: String) -> CarbonError {
        CarbonError(
            code: .serviceFailed,
            problem: "The answer of \(source.service.title) \(what).",
            remedy: "Give the intensity with --intensity or --intensity-series, or try again later."
        )
    }

    /// An instant as the services write it; throws where it is none.
    func seconds(_ text: String) throws(CarbonError) -> Int64 {
        guard let seconds = rfc3339(seconds: text) else { throw odd("holds the time “\(text.prefix(40))”") }
        return seconds
    }

    /// A figure; throws where no fuel emits as much.
    func intensity(_ value: Double) throws(CarbonError) -> GramsPerKilowattHour {
        guard value >= 0, value <= 5000 else { throw odd("holds an intensity of \(value) g/kWh") }
        return GramsPerKilowattHour(value)
    }

    private func refusal(_ answer: Curl.Answer) -> CarbonError {
        /// What the services say of an error; each has names of its own.
        struct Words: Decodable {
            struct Nested: Decodable { var message: String? }
            var text: String?
            private enum Key: String, CodingKey { case error, message, detail }
            init(from decoder: any Decoder) throws {
                let values = try decoder.container(keyedBy: Key.self)
                for key in [Key.message, .error, .detail] {
                    text = text ?? (try? values.decode(String.self, forKey: key))
                    text = text ?? (try? values.decode(Nested.self, forKey: key))?.message
                }
            }
        }
        let said = (try? JSONDecoder().decode(Words.self, from: answer.body))?.text
        let reason = said.map { ": " + $0.prefix(200).filter { !$0.isNewline } } ?? ""
        let name = source.service.title
        let (problem, remedy, code): (String, String, Int32) =
            switch answer.status {
            case 401, 403:
                ("\(name) refuses the key (\(answer.status)\(reason)).", "Check the key and what its plan allows.", 77)
            case 429: ("\(name) has had too many requests (429\(reason)).", tryAgain, 74)
            case 500...: ("\(name) fails (\(answer.status)\(reason)).", tryAgain, 74)
            default:
                (
                    "\(name) refuses the request (\(answer.status)\(reason)).",
                    "Check the region and the time of the run.", 65
                )
            }
        return CarbonError(code: .serviceFailed, problem: problem, remedy: remedy, exitCode: code)
    }
}
