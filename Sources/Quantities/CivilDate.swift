/// A day of the Gregorian calendar.
public struct CivilDate: Sendable, Hashable {
    public var year: Int64
    /// 1 to 12.
    public var month: Int64
    /// 1 to 31.
    public var day: Int64

    /// A day; nothing is checked.
    public init(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// The day that holds an instant in microseconds since 1970 (UTC).
    public init(microseconds: Int64) {
        let (days, rest) = microseconds.quotientAndRemainder(dividingBy: 86_400_000_000)
        self.init(daysSince1970: rest < 0 ? days - 1 : days)
    }

    /// The day so many days after 1970-01-01.
    ///
    /// Years are counted from March so that a leap day ends its year. 719 468 days lie between 0000-03-01 and
    /// 1970-01-01; an era of 400 years has 146 097.
    public init(daysSince1970 days: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        // From March on the months' lengths repeat as 153 days in five months.
        let fromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * fromMarch + 2) / 5 + 1
        month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Days since 1970-01-01: the inverse of ``init(daysSince1970:)``.
    ///
    /// A month of 13 is the January after.
    public var daysSince1970: Int64 {
        let (year, month) = (year + (month - 1) / 12, (month - 1) % 12 + 1)
        let counted = month <= 2 ? year - 1 : year
        let era = (counted >= 0 ? counted : counted - 399) / 400
        let yearOfEra = counted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// As `2026-01-31`.
    public var text: String {
        let pad = { (number: Int64, width: Int) in
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))"
    }
}
