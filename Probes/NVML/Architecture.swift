/// A GPU's generation, as far as its power sensor differs.
enum Architecture: Hashable, Sendable {
    case kepler, maxwell, pascal, volta, turing
    /// The data-centre chip of Ampere (A100, A30), whose sensor is another than that of the rest.
    case ga100
    case ampere, ada, hopper, blackwell
    case unknown

    /// By CUDA's compute capability, which tells GA100 (8.0) from the rest of Ampere.
    init?(capability: (major: Int32, minor: Int32)) {
        switch capability {
        case (3, _): self = .kepler
        case (5, _): self = .maxwell
        case (6, _): self = .pascal
        case (7, 0..<5): self = .volta
        case (7, _): self = .turing
        case (8, 0): self = .ga100
        case (8, 9): self = .ada
        case (8, _): self = .ampere
        case (9, _): self = .hopper
        case (10..., _): self = .blackwell
        default: return nil
        }
    }

    /// By NVML's number; of Ampere, the name must tell.
    init?(number: UInt32, name: String) {
        switch number {
        case 2: self = .kepler
        case 3: self = .maxwell
        case 4: self = .pascal
        case 5: self = .volta
        case 6: self = .turing
        case 7: self = Architecture(name: name) == .ga100 ? .ga100 : .ampere
        case 8: self = .ada
        case 9: self = .hopper
        case 10: self = .blackwell
        default: return nil
        }
    }

    /// By the product's name, where the driver tells neither: the data-centre products alone.
    init(name: String) {
        let words = Set(name.split { $0 == " " || $0 == "-" })
        func isOne(of products: String...) -> Bool { products.contains { words.contains($0[...]) } }
        self =
            if isOne(of: "A100", "A100X", "A800", "A30", "A30X") {
                .ga100
            } else if isOne(of: "H100", "H200", "H800", "H20", "GH200") {
                .hopper
            } else if isOne(of: "B100", "B200", "B300", "GB200", "GB300") {
                .blackwell
            } else if isOne(of: "V100", "V100S") {
                .volta
            } else if isOne(of: "P100", "P40", "P4") {
                .pascal
            } else if isOne(of: "T4", "T4G") {
                .turing
            } else if isOne(of: "L4", "L40", "L40S") {
                .ada
            } else if isOne(of: "A10", "A10G", "A16", "A2", "A40") {
                .ampere
            } else {
                .unknown
            }
    }
}
