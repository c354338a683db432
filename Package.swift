// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "wattbook",
    products: [
        .executable(name: "wattbook", targets: ["wattbook"]),
        .executable(name: "wattbook-unet", targets: ["wattbook-unet"]),
        // A stand-in for NVIDIA's library, for tests and benches: libNVMLStandIn.so beside the programs.
        .library(name: "NVMLStandIn", type: .dynamic, targets: ["NVMLStandIn"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // The meter, in the order in which data flows.
        .target(name: "Quantities", dependencies: [.product(name: "RealModule", package: "swift-numerics")]),
        .target(
            name: "Statistics",
            dependencies: ["Quantities", .product(name: "RealModule", package: "swift-numerics")],
            exclude: ["README.md"]
        ),
        .target(name: "CSpawn"),
        .target(
            name: "Metering",
            dependencies: ["Quantities", "CSpawn", .product(name: "SystemPackage", package: "swift-system")],
            exclude: ["README.md"]
        ),
        .target(name: "RAPL", dependencies: ["Metering", "Quantities"], path: "Probes/RAPL", exclude: ["README.md"]),
        .target(
            name: "Powercap",
            dependencies: ["Metering", "Quantities", "RAPL", .product(name: "SystemPackage", package: "swift-system")],
            path: "Probes/Powercap",
            exclude: ["README.md"]
        ),
        .target(name: "CPerfEvents", path: "Probes/CPerfEvents"),
        .target(
            name: "PerfEvents",
            dependencies: [
                "CPerfEvents", "Metering", "Quantities", "RAPL",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Probes/PerfEvents",
            exclude: ["README.md"]
        ),
        .target(name: "CNVML", path: "Probes/CNVML"),
        .target(
            name: "NVML",
            dependencies: ["CNVML", "Metering", "Quantities"],
            path: "Probes/NVML",
            exclude: ["README.md"]
        ),
        .target(
            name: "PowerFiles",
            dependencies: ["Metering", "Quantities", .product(name: "SystemPackage", package: "swift-system")],
            path: "Probes/PowerFiles",
            exclude: ["README.md"]
        ),
        .target(
            name: "Hwmon",
            dependencies: ["Metering", "Quantities", .product(name: "SystemPackage", package: "swift-system")],
            path: "Probes/Hwmon",
            exclude: ["README.md"]
        ),
        // The headers of libpapi-dev; the library itself is loaded at run time.
        .target(name: "CPAPI", path: "Probes/CPAPI"),
        .target(
            name: "PAPI",
            dependencies: [
                "CPAPI", "Metering", "Quantities", .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Probes/PAPI",
            exclude: ["README.md"]
        ),
        .target(
            name: "HostModel",
            dependencies: ["Metering", "Quantities", .product(name: "SystemPackage", package: "swift-system")],
            path: "Probes/HostModel",
            exclude: ["README.md"]
        ),
        .target(
            name: "Replay",
            dependencies: ["Metering", "Quantities", .product(name: "SystemPackage", package: "swift-system")],
            path: "Probes/Replay",
            exclude: ["README.md"]
        ),
        .target(
            name: "Cray",
            dependencies: ["Metering", "Quantities", .product(name: "SystemPackage", package: "swift-system")],
            path: "Probes/Cray",
            exclude: ["README.md"]
        ),
        .target(
            name: "Battery",
            dependencies: ["Metering", "Quantities", .product(name: "SystemPackage", package: "swift-system")],
            path: "Probes/Battery",
            exclude: ["README.md"]
        ),
        .target(
            name: "Tool",
            dependencies: ["CSpawn", "Quantities", .product(name: "SystemPackage", package: "swift-system")],
            path: "Probes/Tool",
            exclude: ["README.md"]
        ),
        .target(
            name: "MeterCommand",
            dependencies: [
                "Tool", "Metering", "Quantities", .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Probes/MeterCommand",
            exclude: ["README.md"]
        ),
        .target(
            name: "DCMI",
            dependencies: [
                "Tool", "Metering", "Quantities", .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Probes/DCMI",
            exclude: ["README.md"]
        ),
        .target(
            name: "Likwid",
            dependencies: [
                "Tool", "Metering", "Quantities", .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Probes/Likwid",
            exclude: ["README.md"]
        ),
        .target(
            name: "SlurmEnergy",
            dependencies: [
                "Tool", "Metering", "Quantities", .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Probes/SlurmEnergy",
            exclude: ["README.md"]
        ),
        .target(
            name: "Discovery",
            dependencies: [
                "Metering", "Quantities", "PowerFiles", "PerfEvents", "Powercap", "NVML", "PAPI", "Hwmon", "HostModel",
                "Replay", "Cray", "Battery", "MeterCommand", "DCMI", "Likwid", "SlurmEnergy",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Probes/Discovery",
            exclude: ["README.md"]
        ),
        .target(
            name: "Carbon",
            dependencies: ["Quantities"],
            resources: [
                .embedInCode("grid-intensity.csv"), .embedInCode("embodied-presets.csv"),
                .embedInCode("equivalents.csv"), .embedInCode("country-codes.csv"),
            ]
        ),
        // A user's own YAML files, read with their lines.
        .target(name: "Configuration", dependencies: ["Quantities", .product(name: "Yams", package: "Yams")]),
        .target(
            name: "Sites",
            dependencies: ["Carbon", "Configuration", "Quantities"],
            resources: [
                .embedInCode("Profiles/alps.yaml"),
                .embedInCode("Profiles/archer2.yaml"),
                .embedInCode("Profiles/dkrz.yaml"),
                .embedInCode("Profiles/horeka.yaml"),
                .embedInCode("Profiles/hunter.yaml"),
                .embedInCode("Profiles/isambard-3.yaml"),
                .embedInCode("Profiles/isambard-ai.yaml"),
                .embedInCode("Profiles/jean-zay.yaml"),
                .embedInCode("Profiles/lumi.yaml"),
                .embedInCode("Profiles/marenostrum-5.yaml"),
                .embedInCode("Profiles/ncar.yaml"),
                .embedInCode("Profiles/nhr-zib.yaml"),
                .embedInCode("Profiles/nhr4ces.yaml"),
                .embedInCode("Profiles/nrel-esif.yaml"),
                .embedInCode("Profiles/supermuc-ng.yaml"),
                .embedInCode("Profiles/tgi-rails.yaml"),
            ]
        ),
        .target(name: "GridService", dependencies: ["Carbon", "Quantities"]),
        .target(
            name: "Ledger",
            dependencies: ["Metering", "Quantities", "Carbon", .product(name: "GRDB", package: "GRDB.swift")]
        ),
        // What a batch system's accounting says of jobs that have ended.
        .target(name: "PastJobs", dependencies: ["Carbon", "Ledger", "Metering", "Quantities"]),
        .target(
            name: "Experiments",
            dependencies: [
                "Configuration", "Discovery", "Ledger", "Metering", "Statistics", "Quantities",
                .product(name: "RealModule", package: "swift-numerics"),
            ],
            exclude: ["README.md"]
        ),
        .target(
            name: "Analysis",
            dependencies: [
                "Ledger", "Carbon", "Metering", "Statistics", "Quantities",
                .product(name: "RealModule", package: "swift-numerics"),
            ],
            exclude: ["README.md"]
        ),
        .target(
            name: "Charts",
            dependencies: ["Quantities", .product(name: "RealModule", package: "swift-numerics")]
        ),
        .target(
            name: "Reporting",
            dependencies: [
                "Analysis", "Charts", "Carbon", "Ledger", "Metering", "Quantities", "Statistics",
                .product(name: "Mustache", package: "swift-mustache"),
            ],
            resources: [.embedInCode("page.mustache"), .embedInCode("page.css"), .embedInCode("paper.css")]
        ),
        // Compute-time requests: what a campaign costs, from runs that were measured.
        .target(
            name: "Allocation",
            dependencies: [
                "Analysis", "Carbon", "Charts", "Configuration", "Ledger", "Metering", "Quantities", "Reporting",
                "Sites", "Statistics",
            ],
            resources: [
                .embedInCode("Templates/archer2.template"),
                .embedInCode("Templates/eurohpc.template"),
                .embedInCode("Templates/gcs.template"),
                .embedInCode("Templates/konwihr.template"),
                .embedInCode("Templates/nhr.template"),
                .embedInCode("Templates/nsf-doe.template"),
                .embedInCode("Templates/plain.template"),
            ]
        ),
        .executableTarget(
            name: "wattbook",
            dependencies: [
                "Allocation", "Analysis", "Carbon", "Configuration", "Discovery", "Experiments", "GridService",
                "Ledger", "MeterCommand", "Metering", "PastJobs", "Quantities", "Reporting", "Sites", "Tool",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),

        // The meter's own speed, for Scripts/bench-meter; no product.
        .executableTarget(
            name: "bench-meter",
            dependencies: [
                "HostModel", "Ledger", "Metering", "NVML", "Powercap",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Benchmarks/Meter"
        ),
        // The large ledgers of Scripts/bench; no product.
        .executableTarget(
            name: "bench-ledger",
            dependencies: ["Carbon", "Ledger", "Metering", "Quantities", "Statistics"],
            path: "Benchmarks/Ledger"
        ),

        // The reference workload: a program of its own, measured like any other.
        .target(name: "COneDNN", linkerSettings: [.linkedLibrary("dnnl")]),
        .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .target(name: "CMarks"),
        // OpenMPI is loaded at run time, by a program of several ranks alone.
        .target(name: "CMPI"),
        .target(
            name: "UNet",
            dependencies: [
                "CMarks", "CMPI", "COneDNN", "COpenBLAS", "CPNG",
                .product(name: "RealModule", package: "swift-numerics"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            exclude: ["README.md"]
        ),
        .executableTarget(
            name: "wattbook-unet",
            dependencies: ["UNet", .product(name: "ArgumentParser", package: "swift-argument-parser")]
        ),

        // Tests: one target a module; fixtures are read by path, never compiled.
        tests("Quantities", ["Quantities"]),
        tests("Statistics", ["Statistics", "ProbeTestKit"]),
        .target(name: "CProbeTestKit", path: "Tests/CProbeTestKit"),
        .target(
            name: "ProbeTestKit",
            dependencies: [
                "CProbeTestKit", "Metering", "Quantities", .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/ProbeTestKit",
            exclude: ["stand-in"]
        ),
        tests("Metering", ["Metering", "ProbeTestKit", "Quantities"]),
        tests("Powercap", ["Powercap", "Metering", "ProbeTestKit", "Quantities"]),
        tests(
            "PerfEvents",
            [
                "PerfEvents", "RAPL", "Metering", "ProbeTestKit", "Quantities",
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        tests("PowerFiles", ["PowerFiles", "Metering", "ProbeTestKit", "Quantities"]),
        tests("Hwmon", ["Hwmon", "Metering", "ProbeTestKit", "Quantities"]),
        .target(name: "NVMLStandIn", path: "Tests/NVMLStandIn", exclude: ["README.md"]),
        tests(
            "NVML",
            [
                "NVML", "Metering", "ProbeTestKit", "Quantities",
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        tests("PAPI", ["PAPI", "Discovery", "Metering", "ProbeTestKit", "Quantities"]),
        tests("HostModel", ["HostModel", "Metering", "ProbeTestKit", "Quantities"]),
        tests("Replay", ["Replay", "Metering", "ProbeTestKit", "Quantities"]),
        tests("Cray", ["Cray", "Metering", "ProbeTestKit", "Quantities"]),
        tests("Battery", ["Battery", "Metering", "ProbeTestKit", "Quantities"]),
        tests("Tool", ["Tool", "Metering", "ProbeTestKit", "Quantities"]),
        tests("MeterCommand", ["MeterCommand", "Tool", "Metering", "ProbeTestKit", "Quantities"]),
        tests("DCMI", ["DCMI", "Tool", "Metering", "ProbeTestKit", "Quantities"]),
        tests("Likwid", ["Likwid", "Tool", "Metering", "ProbeTestKit", "Quantities"]),
        tests("SlurmEnergy", ["SlurmEnergy", "Tool", "Metering", "ProbeTestKit", "Quantities"]),
        tests("Discovery", ["Discovery", "Metering", "ProbeTestKit", "Quantities"]),
        tests("Carbon", ["Carbon", "Quantities"]),
        tests("Sites", ["Sites", "Carbon", "Configuration", "Quantities"]),
        tests("GridService", ["GridService", "Carbon", "Quantities"]),
        tests(
            "Ledger",
            [
                "Ledger", "Carbon", "Metering", "ProbeTestKit", "Quantities", "wattbook",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        tests("PastJobs", ["PastJobs", "Carbon", "Ledger", "Metering", "Quantities"]),
        tests(
            "Experiments",
            [
                "Experiments", "Carbon", "Configuration", "Discovery", "Ledger", "Metering", "Quantities",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        tests("Analysis", ["Analysis", "Ledger", "Metering", "Carbon", "ProbeTestKit", "Statistics", "Quantities"]),
        tests(
            "Allocation",
            [
                "Allocation", "Analysis", "Carbon", "Configuration", "Ledger", "Metering", "Quantities", "Reporting",
                "Sites", "Statistics",
            ]
        ),
        tests("Charts", ["Charts", "Quantities"]),
        tests(
            "Reporting",
            ["Reporting", "Analysis", "Ledger", "Metering", "Carbon", "Charts", "Statistics", "Quantities"]
        ),
        tests("UNet", ["UNet", "ProbeTestKit"]),
        // The programs as their users see them: exit codes, streams, JSON.
        tests("Command", ["wattbook", "wattbook-unet"]),
    ]
)

/// A test target `<name>Tests`; what lies in its `Fixtures` folder is data.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: "\(name)Tests", dependencies: dependencies, exclude: ["Fixtures"])
}

// One bar for every target. `WATTBOOK_STRICT=1` (set in CI) turns warnings into errors.
for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .strictMemorySafety(),
    ]
    if Context.environment["WATTBOOK_STRICT"] != nil {
        target.swiftSettings?.append(.treatAllWarnings(as: .error))
        target.cSettings = [.treatAllWarnings(as: .error)]
    }
}
