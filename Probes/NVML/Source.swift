import CNVML
import Metering

/// The ways to a GPU's joules and watts.
enum Source: Hashable, Sendable, CustomStringConvertible {
    /// The energy since the driver was loaded, mJ: as a field with the sensor's own time, or by a call.
    case energyField, energyCall
    /// The mean power of a second and the present one, mW, as fields with the sensor's own time.
    case averagePower, instantPower
    /// The power that `nvidia-smi` shows, mW.
    case powerUsage
    /// The mean power of a whole module, processor and memory included, mW.
    case modulePower

    /// The field's number and its scope; `nil` for calls.
    fileprivate var field: (id: UInt32, scope: UInt32)? {
        switch self {
        case .energyField: (83, 0)
        case .averagePower: (185, 0)
        case .instantPower: (186, 0)
        case .modulePower: (185, 1)
        case .energyCall, .powerUsage: nil
        }
    }

    /// In NVML's words.
    var description: String {
        switch self {
        case .energyCall: "nvmlDeviceGetTotalEnergyConsumption"
        case .powerUsage: "nvmlDeviceGetPowerUsage"
        case .energyField: "field 83 (total energy)"
        case .averagePower: "field 185 (average power)"
        case .instantPower: "field 186 (instant power)"
        case .modulePower: "field 185 (average power) of the module"
        }
    }
}

extension NVMLLibrary {
    /// Reads a source once, without allocation; a status other than success leaves the reading missing.
    func read(_ source: Source, of device: cnvml_device) -> (status: NVMLStatus, reading: RawReading) {
        if let field = source.field { return read(field, of: device) }
        if source == .energyCall {
            var energy: UInt64 = 0
            let code = unsafe functions.total_energy?(device, &energy) ?? NVMLStatus.functionNotFound.code
            return (NVMLStatus(code: code), code == 0 ? RawReading(raw: energy) : RawReading())
        }
        var power: UInt32 = 0
        let code = unsafe functions.power_usage?(device, &power) ?? NVMLStatus.functionNotFound.code
        return (NVMLStatus(code: code), code == 0 ? RawReading(raw: UInt64(power)) : RawReading())
    }

    private func read(
        _ field: (id: UInt32, scope: UInt32),
        of device: cnvml_device
    ) -> (status: NVMLStatus, reading: RawReading) {
        var value = cnvml_field_value()
        value.field = field.id
        value.scope = field.scope
        // What a library leaves as it was is no answer.
        value.status = NVMLStatus.unknown.code
        value.type = -1
        let code = unsafe functions.field_values?(device, 1, &value) ?? NVMLStatus.functionNotFound.code
        guard code == 0 else { return (NVMLStatus(code: code), RawReading()) }
        guard value.status == 0 else { return (NVMLStatus(code: value.status), RawReading()) }
        guard let count = value.count else { return (.unknown, RawReading()) }
        let time = value.timestamp
        return (.success, RawReading(raw: count, sourceTime: time > 0 ? UInt64(time) &* 1000 : 0))
    }
}

extension cnvml_field_value {
    /// The value as a count, from the member that its type names; `nil` where it is none.
    fileprivate var count: UInt64? {
        switch type {
        case 0: unsafe UInt64(exactly: value.real.rounded())
        case 1: unsafe UInt64(value.u32)
        case 2: unsafe UInt64(value.word)
        case 3: unsafe value.u64
        case 4: unsafe UInt64(exactly: value.i64)
        case 5: unsafe UInt64(exactly: value.i32)
        case 6: unsafe UInt64(value.u16)
        default: nil
        }
    }
}
