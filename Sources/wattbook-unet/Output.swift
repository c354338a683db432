internal import Foundation
internal import UNet

/// Writes a line to standard error; where that fails there is nobody to tell.
func printError(_ line: String) {
    try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8))
}

/// Writes a line to standard output; errors: `.inputOutput`.
func printOutput(_ line: String) throws(UNetError) {
    try writeOutput(Array((line + "\n").utf8))
}

/// Writes one JSON document to standard output.
func printJSON(_ document: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    try writeOutput(Array(encoder.encode(document) + Data("\n".utf8)))
}

/// A value of a JSON document that may be unknown, or no finite number: then it is null, where an optional would be left
/// out and a number refused.
@propertyWrapper
struct OrNull<Value: Encodable>: Encodable {
    var wrappedValue: Value?

    init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        let isNumber = (wrappedValue as? Double)?.isFinite ?? true
        try isNumber ? container.encode(wrappedValue) : container.encodeNil()
    }
}

private func writeOutput(_ bytes: [UInt8]) throws(UNetError) {
    var left = bytes[...]
    while !left.isEmpty {
        let count = unsafe left.withUnsafeBytes { unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count) }
        if count >= 0 {
            left = left.dropFirst(count)
        } else if errno != EINTR {
            throw UNetError(
                code: .inputOutput,
                problem: "Standard output cannot be written: \(unsafe String(cString: strerror(errno))).",
                remedy: "Send it to a file or a program that takes it."
            )
        }
    }
}
