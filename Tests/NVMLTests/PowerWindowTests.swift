import Quantities
import Testing

@testable import NVML

@Suite("Averaging windows of power readings")
struct PowerWindowTests {
    /// Milliseconds of window and renewal; `nil`: that GPU has no such reading.
    struct Row: Sendable {
        var source: Source
        var architecture: Architecture
        var driver: Int
        var expected: [Double]?
    }

    static let rows: [Row] = [
        Row(source: .powerUsage, architecture: .hopper, driver: 550, expected: [1000, 100]),
        Row(source: .averagePower, architecture: .hopper, driver: 550, expected: [1000, 100]),
        Row(source: .instantPower, architecture: .hopper, driver: 550, expected: [25, 100]),
        Row(source: .powerUsage, architecture: .ada, driver: 525, expected: [1000, 100]),
        Row(source: .powerUsage, architecture: .ampere, driver: 530, expected: [100, 100]),
        Row(source: .powerUsage, architecture: .ampere, driver: 535, expected: [1000, 100]),
        Row(source: .instantPower, architecture: .ampere, driver: 535, expected: [100, 100]),
        Row(source: .powerUsage, architecture: .ga100, driver: 525, expected: [25, 100]),
        Row(source: .powerUsage, architecture: .ga100, driver: 550, expected: [25, 100]),
        Row(source: .averagePower, architecture: .ga100, driver: 550, expected: nil),
        Row(source: .powerUsage, architecture: .turing, driver: 550, expected: [100, 100]),
        Row(source: .averagePower, architecture: .turing, driver: 550, expected: nil),
        Row(source: .powerUsage, architecture: .volta, driver: 550, expected: [10, 20]),
        Row(source: .instantPower, architecture: .pascal, driver: 550, expected: [10, 20]),
        Row(source: .averagePower, architecture: .pascal, driver: 550, expected: nil),
        Row(source: .powerUsage, architecture: .maxwell, driver: 470, expected: [100, 100]),
        Row(source: .powerUsage, architecture: .blackwell, driver: 570, expected: [1000, 100]),
        Row(source: .energyCall, architecture: .hopper, driver: 550, expected: nil),
    ]

    @Test("as published", arguments: rows)
    func published(row: Row) {
        let window = PowerWindow(row.source, row.architecture, driver: row.driver)
        let milliseconds = window.map { [($0.window.value * 1000).rounded(), ($0.period.value * 1000).rounded()] }
        #expect(milliseconds == row.expected)
    }

    static let names: [(String, Architecture)] = [
        ("NVIDIA A100-SXM4-40GB", .ga100), ("NVIDIA A30", .ga100), ("NVIDIA A40", .ampere),
        ("NVIDIA H100 80GB HBM3", .hopper), ("NVIDIA GH200 480GB", .hopper), ("Tesla V100-SXM2-16GB", .volta),
        ("Tesla T4", .turing), ("Tesla P100-PCIE-16GB", .pascal), ("NVIDIA L40S", .ada), ("NVIDIA B200", .blackwell),
        ("NVIDIA T400", .unknown),
    ]

    @Test("a product's name tells its generation where nothing else does", arguments: names)
    func named(name: String, architecture: Architecture) {
        #expect(Architecture(name: name) == architecture)
    }

    @Test("of Ampere, capability or name tells the data-centre chip apart")
    func ampere() {
        #expect(Architecture(capability: (8, 0)) == .ga100)
        #expect(Architecture(capability: (8, 6)) == .ampere)
        #expect(Architecture(capability: (8, 9)) == .ada)
        #expect(Architecture(capability: (12, 0)) == .blackwell)
        #expect(Architecture(capability: (0, 0)) == nil)
        #expect(Architecture(number: 7, name: "NVIDIA A100 80GB PCIe") == .ga100)
        #expect(Architecture(number: 7, name: "NVIDIA GeForce RTX 3090") == .ampere)
        #expect(Architecture(number: 99, name: "") == nil)
    }
}
