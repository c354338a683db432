/// The rows of `sacct --parsable` or `--parsable2`, under the names of their columns.
struct AccountingTable {
    /// One row; its line for messages.
    struct Row {
        var line: Int
        var fields: [String]
    }

    private let columns: [String: Int]
    var rows: [Row]

    /// Reads a table with its header; columns may stand in any order, and others beside those that are asked for.
    init(text: String, path: String) throws(PastJobError) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            .map { ($0.offset + 1, $0.element.last == "\r" ? $0.element.dropLast() : $0.element) }
            .filter { !$0.1.isEmpty }
        guard let (number, header) = lines.first else {
            throw PastJobError(
                path: path,
                line: 0,
                problem: "It is empty.",
                remedy: "Write it with \(sacctExample)."
            )
        }
        lines.removeFirst()
        let names = header.split(separator: "|", omittingEmptySubsequences: false).map { $0.lowercased() }
        var columns: [String: Int] = [:]
        for (index, name) in names.enumerated() where columns[name] == nil && !name.isEmpty { columns[name] = index }
        guard columns["jobid"] != nil, columns["state"] != nil else {
            throw PastJobError(
                path: path,
                line: number,
                problem: "It does not begin with sacct's header: JobID and State are missing, divided by |.",
                remedy: "Write it with \(sacctExample)."
            )
        }
        self.columns = columns
        rows = []
        for (line, text) in lines {
            let fields = text.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == names.count else {
                throw PastJobError(
                    path: path,
                    line: line,
                    problem: "The row has \(fields.count) fields, and the header \(names.count).",
                    remedy: "Leave JobName out where a name holds a |, and see that the last line is whole."
                )
            }
            rows.append(Row(line: line, fields: fields))
        }
    }

    /// Whether one of the columns is there.
    func has(_ names: String...) -> Bool { names.contains { columns[$0] != nil } }

    /// The first of the columns that says something in a row.
    func value(_ row: Row, _ names: String...) -> String? {
        for name in names {
            guard let index = columns[name] else { continue }
            let text = row.fields[index]
            if !text.isEmpty, !["unknown", "none", "none assigned", "n/a"].contains(text.lowercased()) { return text }
        }
        return nil
    }
}

/// A command that writes all that is read.
let sacctExample =
    "`sacct --parsable2 --format=JobID,JobName,Cluster,Account,Partition,State,ExitCode,Start,ElapsedRaw,NNodes,NCPUS,"
    + "AllocTRES,NodeList,ConsumedEnergyRaw`"
