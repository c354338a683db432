internal import Quantities

extension IntensitySeries {
    /// Reads a file of comma-separated values: `time,gCO2e/kWh` or `from,to,gCO2e/kWh`, hourly or half-hourly.
    ///
    /// Times are RFC 3339 with `Z` or an offset, all in one, in order. A first line that begins with no time is a
    /// header; empty lines and those that begin with `#` are passed over. Throws where a row does not parse, times are
    /// out of order, overlap, leave a gap or change their offset, and where the step is neither an hour nor half of one.
    public init(csv: String, name: String) throws(CarbonError) {
        var rows: [Row] = []
        var sawHeader = false
        for (index, line) in csv.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .enumerated()
        {
            let fields = csvFields(line).map(trimmed)
            if fields.allSatisfy(\.isEmpty) || fields[0].hasPrefix("#") { continue }
            let place = "\(name), line \(index + 1)"
            let text = index == 0 && fields[0].hasPrefix("\u{FEFF}") ? String(fields[0].dropFirst()) : fields[0]
            if rows.isEmpty, !sawHeader, text.utf8.first.map({ $0 < 48 || $0 > 57 }) ?? true {
                sawHeader = true
                continue
            }
            rows.append(try Row([text] + fields.dropFirst(), place: place))
        }
        try Self.checkTimes(rows, name: name)
        try self.init(Self.intervals(rows, name: name), name: name)
    }

    /// A row with its place in the file.
    private struct Row {
        var from: Instant
        var to: Instant?
        var value: Double
        var place: String

        init(_ fields: [String], place: String) throws(CarbonError) {
            self.place = place
            from = try Self.instant(fields[0], place)
            guard fields.count > 1 else {
                throw fault("\(place) has a time and no intensity.", "Write a row as 2026-11-23T20:00:00Z,320.")
            }
            var rest = fields.dropFirst()
            // A number never has a colon.
            if let second = rest.first, second.utf8.contains(UInt8(ascii: ":")) {
                to = try Self.instant(second, place)
                rest = rest.dropFirst()
            }
            let text = rest.first ?? ""
            guard let value = Double(text), value >= 0, value <= 5000 else {
                throw fault(
                    "\(place): “\(text)” is no intensity.",
                    "Give grams per kilowatt-hour from 0 to 5000."
                )
            }
            self.value = value
        }

        private static func instant(_ text: String, _ place: String) throws(CarbonError) -> Instant {
            do throws(Instant.Fault) {
                return try Instant(text)
            } catch .noOffset {
                throw fault(
                    "\(place): the time \(text) does not say its time zone.",
                    "Add Z or an offset, as \(text)Z or \(text)+01:00."
                )
            } catch {
                throw fault("\(place): “\(text)” is no time.", "Write times as 2026-11-23T20:00:00Z.")
            }
        }
    }

    private static func checkTimes(_ rows: [Row], name: String) throws(CarbonError) {
        guard let first = rows.first else { return }
        for (last, next) in zip(rows, rows.dropFirst()) {
            if next.from.offset != first.from.offset || (next.to.map { $0.offset != first.from.offset } ?? false) {
                throw fault(
                    "\(next.place) is in another time zone than the rows before it.",
                    "Write all times in one zone, best in UTC with Z."
                )
            }
            if (next.to == nil) != (first.to == nil) {
                throw fault(
                    "\(next.place) has other columns than the rows before it.",
                    "Give every row the same columns."
                )
            }
            if next.from.seconds < last.from.seconds {
                throw fault("\(next.place) is earlier than the row before it.", "Sort the rows by time.")
            }
            if next.from.seconds == last.from.seconds {
                throw fault("\(next.place) overlaps with the row before it.", "Leave one of them out.")
            }
        }
    }

    private static func intervals(_ rows: [Row], name: String) throws(CarbonError) -> [Interval] {
        guard let first = rows.first else { return [] }
        let steps = zip(rows, rows.dropFirst()).map { $1.from.seconds - $0.from.seconds }
        // Where the ends are not given, the smallest step is the length of an interval; a larger one is a gap.
        guard let step = first.to.map({ $0.seconds - first.from.seconds }) ?? steps.min() else {
            throw fault(
                "\(first.place) is the only row, so that its interval has no end.",
                "Give both ends, as 2026-11-23T20:00:00Z,2026-11-23T21:00:00Z,320."
            )
        }
        guard step == 3600 || step == 1800 else {
            throw fault("\(name) has intervals of \(step) s.", "Give hourly or half-hourly figures.")
        }
        var intervals: [Interval] = []
        for row in rows {
            let to = row.to?.seconds ?? row.from.seconds + step
            guard to - row.from.seconds == step else {
                throw fault(
                    "\(row.place) has an interval of another length than the first row.",
                    "Give every row \(step) s."
                )
            }
            intervals.append(Interval(from: row.from.seconds, to: to, value: GramsPerKilowattHour(row.value)))
        }
        return intervals
    }
}

private func fault(_ problem: String, _ remedy: String) -> CarbonError { IntensitySeries.fault(problem, remedy) }

private func trimmed(_ text: String) -> String {
    let isBlank = { (character: Character) in character == " " || character == "\t" }
    return String(text.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
}
