import Glibc
import Metering
import NVML

extension Inventory {
    /// Adds the GPUs of this machine, or of the library that `$WATTBOOK_NVML_LIBRARY` names.
    ///
    /// The library is the system's and knows no root: beside another machine's files this machine's GPUs do not belong.
    mutating func addNVML(_ selection: SensorSelection) {
        let library = environment("WATTBOOK_NVML_LIBRARY")
        guard library != nil || FileTree(root: selection.root).root.isEmpty else {
            let reason =
                "\(selection.root) is read instead of this machine; WATTBOOK_NVML_LIBRARY names a library to use with it"
            interfaces.append(
                Interface(name: "nvml", standing: .sensor, availability: .absent(reason: reason), channels: []) { _ in
                    ProbeBox()
                }
            )
            return
        }
        let seen = NVMLSurvey.variables.compactMap { name in variable(name).map { (name, $0) } }
        let survey = NVMLSurvey(
            library: library,
            environment: Dictionary(uniqueKeysWithValues: seen),
            allGPUs: selection.allGPUs
        )
        interfaces.append(
            Interface(
                name: "nvml",
                standing: .sensor,
                availability: survey.availability,
                channels: survey.channels,
                notes: survey.notes,
                warnings: survey.warnings,
                gpus: survey.gpus
            ) { _ in Box(try NVMLProbe(survey)) }
        )
    }
}

/// A variable of the environment; `nil` where it is not set, and no less than empty: to CUDA that means no GPU.
private func variable(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
}
