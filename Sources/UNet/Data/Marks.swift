internal import CMarks
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// Tells the profiler what the program is doing: a line for each region, count and metric.
///
/// Appends to the file named by `WATTBOOK_MARKS`, each line with one `write` of at most 4096 bytes; without the
/// variable it does nothing. It never throws and never stops the program: after a failed write it falls silent.
public final class Marks: Sendable {
    private let file: FileDescriptor?
    private let works: Atomic<Bool>

    /// Marks into the file that the environment names.
    public convenience init() {
        self.init(path: unsafe getenv("WATTBOOK_MARKS").map { unsafe String(cString: $0) })
    }

    /// Marks into the regular file at `path`; nil and what cannot be opened are silence.
    public init(path: String?) {
        file = path.flatMap { $0.isEmpty ? nil : Self.open($0) }
        works = Atomic(file != nil)
    }

    deinit {
        try? file?.close()
    }

    /// Opens a region inside those that this thread has open; `details` say which one it is.
    public func begin(_ region: String, _ details: KeyValuePairs<String, String> = [:]) {
        write("begin", Self.text(Self.name(region), details.lazy.map { ($0.key, $0.value) }))
    }

    /// Closes the innermost open region of this name.
    public func end(_ region: String) {
        write("end", Self.name(region))
    }

    /// Adds to counts of the run and of the open regions.
    public func count(_ counts: KeyValuePairs<String, Int>) {
        write("count", Self.text("", counts.lazy.map { ($0.key, String($0.value)) }))
    }

    /// Sets metrics of the run, of which the last value stands; what is not finite is left out.
    public func metric(_ metrics: KeyValuePairs<String, Double>) {
        let finite = metrics.filter { $0.value.isFinite }
        if !finite.isEmpty { write("metric", Self.text("", finite.lazy.map { ($0.key, $0.value.description) })) }
    }

    /// Says something about the program: its framework, device, precision.
    public func info(_ facts: KeyValuePairs<String, String>) {
        write("info", Self.text("", facts.lazy.map { ($0.key, $0.value) }))
    }

    /// Runs `body` as a region.
    public func region<Value, Failure: Error>(
        _ region: String,
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        begin(region)
        defer { end(region) }
        return try body()
    }

    // MARK: Lines

    private static func open(_ path: String) -> FileDescriptor? {
        // Without O_NONBLOCK a pipe that nobody reads would hold up the training for ever.
        let options: FileDescriptor.OpenOptions = [.append, .closeOnExec, .nonBlocking]
        guard let file = try? FileDescriptor.open(FilePath(path), .writeOnly, options: options) else { return nil }
        var status = stat()
        guard unsafe fstat(file.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            try? file.close()
            return nil
        }
        return file
    }

    private func write(_ verb: StaticString, _ text: String) {
        guard let file, works.load(ordering: .relaxed) else { return }
        // Passed as it is, a String would become an array for C, which is a tenth of a mark.
        let isWhole = unsafe text.withCString { text in
            unsafe verb.utf8Start.withMemoryRebound(to: CChar.self, capacity: verb.utf8CodeUnitCount + 1) { verb in
                unsafe wattbook_put(file.rawValue, verb, text)
            }
        }
        // A torn line would swallow the next one; the reader closes what stays open.
        if isWhole == 0 { works.store(false, ordering: .relaxed) }
    }

    /// What stands behind a verb: a name, and as many of the pairs as fit, in their order.
    static func text(_ name: String, _ pairs: some Sequence<(String, String)>) -> String {
        var text = name
        for (key, value) in pairs {
            let (key, value, gap) = (Self.name(key), quoted(value), text.isEmpty ? 0 : 1)
            let length = text.utf8.count + gap + key.utf8.count + 1 + value.utf8.count
            guard length <= Int(WATTBOOK_LONGEST_TEXT) else { continue }
            if gap > 0 { text += " " }
            // Piece by piece: an interpolated string costs a tenth of a mark.
            text += key
            text += "="
            text += value
        }
        return text
    }

    /// A name without what separates: spaces, slashes, equal signs, quotes and control characters become hyphens.
    private static func name(_ text: String) -> String {
        if (1...200).contains(text.utf8.count), text.utf8.allSatisfy(isPlain) { return text }
        let kept = text.prefix(200).map { character in
            let separates = character.isWhitespace || "/=\"\\".contains(character) || (character.asciiValue ?? 32) < 32
            return separates ? "-" : character
        }
        return kept.isEmpty ? "-" : String(kept)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && byte != 0x22 && byte != 0x2F && byte != 0x3D && byte != 0x5C
    }

    /// A value as it stands, or in double quotes with JSON escapes where it has to be.
    private static func quoted(_ value: String) -> String {
        let isPlain = value.utf8.allSatisfy { $0 > 32 && $0 != 0x22 && $0 != 0x5C && $0 != 127 }
        if isPlain, !value.isEmpty { return value }
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case let control where control.value < 32:
                let hex = String(control.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
