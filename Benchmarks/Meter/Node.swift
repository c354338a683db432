import Glibc
import Metering
import NVML
import Powercap

/// A node of two packages with their memory and eight GPUs, which a stand-in for NVIDIA's library invents.
struct Node {
    private let tree: CounterTree
    private let boxes: [ProbeBox]

    init(library: String) throws {
        tree = try CounterTree(packages: 2)
        var description = ""
        for gpu in 0..<8 { description += "gpu GPU-\(gpu)\nsquare 80 650 0.7 0.5\n" }
        let path = tree.root + "/gpus.txt"
        try CounterTree.write(description, to: path)
        defer { unsafe unlink(path) }
        unsafe setenv("WATTBOOK_STANDIN_NVML", path, 1)
        let survey = NVMLSurvey(library: library, environment: [:], allGPUs: true)
        boxes = [Box(try PowercapProbe(PowercapSurvey(root: tree.root))), Box(try NVMLProbe(survey))]
        let channels = boxes.reduce(0) { $0 + $1.channels.count }
        guard channels == 4 + 16 else { fatalError("the bench's own node shows \(channels) channels") }
    }

    /// CPU time of the thread to read them all once, the median of batches.
    var tick: Row {
        get throws {
            var batches: [Double] = []
            for _ in 0..<101 {
                let start = threadCPUTime()
                for _ in 0..<200 {
                    for box in boxes {
                        var readings = [RawReading](repeating: RawReading(), count: box.channels.count)
                        var span = readings.mutableSpan
                        try box.read(into: &span)
                    }
                }
                batches.append(Double(threadCPUTime() - start) / 200 / 1000)
            }
            let name = "read 2 packages, 2 dram and 8 GPUs (stand-in), each counter and power"
            return Row(name, batches.sorted()[batches.count / 2], "µs", 50)
        }
    }
}
