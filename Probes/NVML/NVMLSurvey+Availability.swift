import Metering

extension NVMLSurvey {
    /// The devices must be open to the user, and a job's control group must let them through.
    static let remedy = """
        let this user read and write /dev/nvidiactl and /dev/nvidia0, or in a job ask for a GPU, as with these commands:
        ls -l /dev/nvidiactl /dev/nvidia*
        srun --gpus=1 wattbook probes
        """

    /// What it means that the library is not there or does not start.
    static func availability(_ failure: NVMLLibrary.Failure, _ path: String?) -> Availability {
        switch failure {
        case .notLoaded(let words):
            guard let path else {
                return .absent(reason: "there is no \(NVMLLibrary.names[0]): no NVIDIA driver is installed")
            }
            return .absent(reason: "\(path), which WATTBOOK_NVML_LIBRARY names, does not load: \(words)")
        case .notStarted(let status):
            if status.isDenial { return .denied(remedy: remedy) }
            let name = path ?? NVMLLibrary.names[0]
            return switch status {
            case .driverNotLoaded:
                .absent(reason: "the NVIDIA driver is not loaded (modprobe nvidia), or no GPU is there")
            case .versionMismatch:
                .absent(reason: "\(name) and the loaded NVIDIA driver are of two versions: restart after the update")
            case .functionNotFound: .absent(reason: "\(name) is not NVIDIA's management library: it lacks nvmlInit_v2")
            case .unknown:
                .absent(
                    reason: "\(name) does not start (NVML 999), as in a container that lost /dev/nvidiactl: restart it"
                )
            default: .absent(reason: "\(name) does not start: \(status)")
            }
        }
    }

    /// What it means that no GPU can be used.
    static func availability(_ machine: Machine, _ library: NVMLLibrary) -> Availability {
        if machine.failures.contains(where: { $0.status.isDenial }) { return .denied(remedy: remedy) }
        guard let failure = machine.failures.first else {
            return .absent(reason: "\(library.name) finds no GPU")
        }
        return .absent(reason: "\(library.name) gives no GPU: \(failure.status)")
    }
}

/// Every GPU of a machine that may be used, by PCI address, and the others.
struct Machine {
    var gpus: [GPU] = []
    var failures: [(index: UInt32?, status: NVMLStatus)] = []

    /// A sentence for each GPU that should answer and does not; one that a control group keeps away is no fault.
    var warnings: [String] {
        failures.compactMap { index, status in
            guard let index, !status.isDenial else { return nil }
            return "GPU \(index) is left out, since it does not answer: \(status)."
        }
    }
}

extension NVMLLibrary {
    /// Asks for every GPU; one that fails keeps none of the others away.
    var machine: Machine {
        var machine = Machine()
        var count: UInt32 = 64
        var isCounted = true
        switch deviceCount {
        case .success(let number): count = number
        case .failure(.functionNotFound): isCounted = false
        case .failure(let status): machine.failures.append((nil, status))
        }
        if !machine.failures.isEmpty { return machine }
        for index in 0..<count {
            switch device(index) {
            case .success(let handle): machine.gpus.append(GPU(index, handle, self))
            case .failure(let status):
                // Without a count, the first place that is none is the end.
                if !isCounted, [.invalidArgument, .notFound].contains(status) { return machine.sorted }
                machine.failures.append((index, status))
                if status == .functionNotFound { return machine }
            }
        }
        return machine.sorted
    }
}

extension Machine {
    /// By PCI address, as CUDA counts under `CUDA_DEVICE_ORDER=PCI_BUS_ID`; in the library's order where one is unknown.
    fileprivate var sorted: Machine {
        var machine = self
        guard gpus.allSatisfy({ !$0.address.isEmpty }) else { return self }
        machine.gpus.sort { $0.address.lowercased() < $1.address.lowercased() }
        return machine
    }
}
