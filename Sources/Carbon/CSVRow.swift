/// The fields of one line of comma-separated values (RFC 4180, without line breaks inside quotes).
func csvFields(_ line: Substring.UTF8View) -> [String] {
    var fields: [String] = []
    var field: [UInt8] = []
    var quoted = false
    // Bytes, not characters: the table of grids is read at every start of the meter.
    for byte in line {
        switch byte {
        case UInt8(ascii: "\""):
            quoted.toggle()
        case UInt8(ascii: ",") where !quoted:
            fields.append(String(decoding: field, as: UTF8.self))
            field.removeAll(keepingCapacity: true)
        case UInt8(ascii: "\r"):
            continue
        default:
            field.append(byte)
        }
    }
    return fields + [String(decoding: field, as: UTF8.self)]
}

/// The rows of a table that is built into the program, below its header.
func embeddedRows(_ bytes: [UInt8], columns: Int) throws(CarbonError) -> [[String]] {
    var rows: [[String]] = []
    let text = String(decoding: bytes, as: UTF8.self)
    for (index, line) in text.utf8.split(separator: UInt8(ascii: "\n")).enumerated().dropFirst() {
        let fields = csvFields(line)
        guard fields.count == columns else {
            throw CarbonError(
                code: .damagedTable,
                problem: "Row \(index + 1) of a built-in table does not parse: \(Substring(line).prefix(80)).",
                remedy: "Build the program again from intact tables."
            )
        }
        rows.append(fields)
    }
    return rows
}
