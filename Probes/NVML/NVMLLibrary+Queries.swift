import CNVML

extension NVMLLibrary {
    /// What a call gives: its value, or the status that it failed with.
    typealias Answer<Value> = Result<Value, NVMLStatus>

    /// The driver's version, as `550.54.15`; empty where it is not told.
    var driverVersion: String {
        unsafe string { unsafe functions.driver_version?($0, $1) } ?? ""
    }

    /// The number of GPUs, those that may not be used counted too.
    var deviceCount: Answer<UInt32> {
        unsafe number { unsafe functions.count?($0) }
    }

    /// The handle of a GPU, by its place in the order of PCI addresses.
    func device(_ index: UInt32) -> Answer<cnvml_device> {
        var device: cnvml_device = 0
        let status = NVMLStatus(code: unsafe functions.device?(index, &device) ?? NVMLStatus.functionNotFound.code)
        guard status == .success, device != 0 else { return .failure(status == .success ? .unknown : status) }
        return .success(device)
    }

    func uuid(_ device: cnvml_device) -> String? {
        unsafe string { unsafe functions.uuid?(device, $0, $1) }
    }

    func name(_ device: cnvml_device) -> String? {
        unsafe string { unsafe functions.name?(device, $0, $1) }
    }

    /// The PCI address, as `00000000:07:00.0`.
    func address(_ device: cnvml_device) -> String? {
        var pci = cnvml_pci()
        guard unsafe functions.pci?(device, &pci) == NVMLStatus.success.code else { return nil }
        // The long form is of version 3 alone: before, there may be anything in its place.
        let forms = unsafe [
            withUnsafeBytes(of: pci.bus_id) { unsafe Array($0) },
            withUnsafeBytes(of: pci.legacy_bus_id) { unsafe Array($0) },
        ]
        return forms.lazy.map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            .first { form in
                form.count { $0 == ":" } == 2 && form.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
            }
    }

    func architecture(_ device: cnvml_device, name: String) -> Architecture {
        var (major, minor) = (Int32(0), Int32(0))
        if unsafe functions.compute_capability?(device, &major, &minor) == NVMLStatus.success.code,
            let architecture = Architecture(capability: (major, minor))
        {
            return architecture
        }
        if case .success(let number) = unsafe number({ unsafe functions.architecture?(device, $0) }),
            let architecture = Architecture(number: number, name: name)
        {
            return architecture
        }
        return Architecture(name: name)
    }

    /// The power limit in force, mW; asked for while measuring, so without allocation.
    func powerLimit(_ device: cnvml_device) -> Answer<UInt32> {
        var limit: UInt32 = 0
        let status = NVMLStatus(code: unsafe functions.power_limit?(device, &limit) ?? NVMLStatus.functionNotFound.code)
        return status == .success ? .success(limit) : .failure(status)
    }

    /// The highest power limit that can be set, mW; 0 where it is not told.
    func highestLimit(_ device: cnvml_device) -> UInt32 {
        var (lowest, highest) = (UInt32(0), UInt32(0))
        let code = unsafe functions.limit_range?(device, &lowest, &highest)
        return code == NVMLStatus.success.code ? highest : 0
    }

    /// Why the clocks are lower than they could be, a bit a reason; 0 where it is not told.
    func clockReasons(_ device: cnvml_device) -> UInt64 {
        var bits: UInt64 = 0
        guard unsafe functions.clock_reasons?(device, &bits) == NVMLStatus.success.code else { return 0 }
        return bits
    }

    func isMIG(_ device: cnvml_device) -> Bool {
        var (current, pending) = (UInt32(0), UInt32(0))
        return unsafe functions.mig_mode?(device, &current, &pending) == NVMLStatus.success.code && current == 1
    }

    /// The UUIDs of a GPU's MIG instances; none where the library cannot tell them.
    func instances(_ device: cnvml_device) -> [String] {
        guard case .success(let count) = unsafe number({ unsafe functions.mig_count?(device, $0) }) else { return [] }
        return (0..<min(count, 64)).compactMap { index in
            var instance: cnvml_device = 0
            guard unsafe functions.mig_device?(device, index, &instance) == NVMLStatus.success.code else { return nil }
            return uuid(instance)
        }
    }

    private func number(_ call: (UnsafeMutablePointer<UInt32>) -> Int32?) -> Answer<UInt32> {
        var number: UInt32 = 0
        let status = NVMLStatus(code: unsafe call(&number) ?? NVMLStatus.functionNotFound.code)
        return status == .success ? .success(number) : .failure(status)
    }

    private func string(_ call: (UnsafeMutablePointer<CChar>, UInt32) -> Int32?) -> String? {
        // The longest that NVML speaks of has 96 characters.
        var characters = [CChar](repeating: 0, count: 128)
        let status = unsafe characters.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.flatMap { unsafe call($0, 96) }
        }
        guard status == NVMLStatus.success.code, characters[0] != 0 else { return nil }
        return text(characters)
    }
}
