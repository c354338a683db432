import CNVML
import Quantities

/// One GPU as the driver describes it.
struct GPU: Hashable, Sendable {
    /// Its place in the order of the library, those that may not be used counted too.
    var index: UInt32
    /// `GPU-...`; where the driver tells none, its PCI address or place.
    var id: String
    /// The product's name.
    var name: String
    /// The PCI address; empty where it is not told.
    var address = ""
    var architecture = Architecture.unknown
    /// The power limit in force, W.
    var limit: Double?
    /// The highest one that can be set, W: a limit may be raised while a run goes on.
    var highestLimit: Double?
    /// Whether it is divided into instances, and their UUIDs.
    var isMIG = false
    var instances: [String] = []
}

extension GPU {
    /// Asks for everything once.
    init(_ index: UInt32, _ handle: cnvml_device, _ library: NVMLLibrary) {
        self.index = index
        address = library.address(handle) ?? ""
        id = library.uuid(handle) ?? (address.isEmpty ? "index-\(index)" : "PCI-" + address)
        name = library.name(handle) ?? "NVIDIA GPU"
        architecture = library.architecture(handle, name: name)
        if case .success(let milliwatts) = library.powerLimit(handle), milliwatts > 0 {
            limit = Double(milliwatts) / 1000
        }
        let highest = Double(library.highestLimit(handle)) / 1000
        highestLimit = limit.map { max($0, highest) }
        isMIG = library.isMIG(handle)
        if isMIG { instances = library.instances(handle) }
    }

    /// What a reader of a run must know of it: product, place, power limit and driver.
    func words(driver: String) -> String {
        var words = [address.isEmpty ? name : "\(name) at PCI \(address)"]
        if let limit { words.append("power limit \(Watts(limit).formatted())") }
        if !driver.isEmpty { words.append("driver \(driver)") }
        if isMIG { words.append("the whole GPU, since MIG instances have no sensor of their own") }
        return words.joined(separator: ", ")
    }
}
