import Metering
import SystemPackage

/// A look at the sensors' files, and what there is to say of those that give nothing.
struct Look {
    let tree: FileTree
    var notes: [String] = []
    var warnings: [String] = []
    /// Files that this user may not read.
    var denied: [String] = []

    init(_ tree: FileTree) { self.tree = tree }

    /// What a file shows now; `nil` with a sentence of why where it gives no number.
    mutating func value(_ path: String) -> UInt64? {
        // `powerN_enable` beside `powerN_input`, of drivers that can switch a sensor off.
        if let end = path.lastIndex(of: "_"), tree.line(path[..<end] + "_enable") == "0" {
            notes.append("\(path) is switched off: its _enable file says 0.")
            return nil
        }
        do throws(Errno) {
            let file = try tree.open(path)
            defer { try? file.close() }
            return try file.readCount().get()
        } catch {
            switch error {
            case .noSuchFileOrDirectory: break
            case .noData: notes.append("\(path) gives nothing: it is switched off, or the firmware does not know it.")
            case .permissionDenied:
                denied.append(path)
                warnings.append("\(path) cannot be read: \(error).")
            default: warnings.append("\(path) cannot be read: \(error).")
            }
            return nil
        }
    }

    /// Whether a file gives a number now.
    mutating func gives(_ path: String) -> Bool { value(path) != nil }

    /// What to type so that the denied files can be read.
    var remedy: String {
        let files = denied.joined(separator: " ")
        return """
            run as root, or let a group read the files until the machine starts again, with these commands and a new login:
            sudo groupadd -f energy
            sudo usermod -aG energy "$USER"
            sudo chgrp energy \(files)
            sudo chmod 0440 \(files)
            """
    }
}
