import CNVML

/// NVIDIA's management library, loaded and initialised; it is shut down with the last who holds it.
final class NVMLLibrary: Sendable {
    /// Why it is of no use here.
    enum Failure: Error, Hashable {
        /// No file of the names could be loaded; the loader's words.
        case notLoaded(String)
        /// It answered the start with this.
        case notStarted(NVMLStatus)
    }

    /// What the loader is asked for where the environment names no library.
    ///
    /// The driver installs the first; the second is a development link; under WSL the library lies outside the
    /// loader's path.
    static let names = ["libnvidia-ml.so.1", "libnvidia-ml.so", "/usr/lib/wsl/lib/libnvidia-ml.so.1"]

    let functions: cnvml_functions
    /// The name that it was loaded by.
    let name: String

    /// Loads and initialises the first of the libraries that loads.
    init(_ names: [String]) throws(Failure) {
        var functions = cnvml_functions()
        var words: [String] = []
        for name in names {
            var reason = [CChar](repeating: 0, count: 256)
            guard unsafe cnvml_load(name, &functions, &reason, reason.count) == 0 else {
                words.append(text(reason))
                continue
            }
            let status = NVMLStatus(code: functions.start?() ?? NVMLStatus.functionNotFound.code)
            guard status == .success else { throw .notStarted(status) }
            self.functions = functions
            self.name = name
            return
        }
        throw .notLoaded(words.first ?? "no name given")
    }

    deinit { _ = functions.stop?() }
}

/// A C string in an array of characters.
func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
