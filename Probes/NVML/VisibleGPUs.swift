/// Which of a machine's GPUs the job sees, by the variables that CUDA, the container and Slurm go by.
///
/// CUDA counts in an order of its own, so that a number there is a GPU here only where the two orders cannot differ.
struct VisibleGPUs: Hashable {
    /// Those that the job sees, each once, in the order of their PCI addresses.
    var gpus: [GPU]
    /// The variable that decides and its value, as `CUDA_VISIBLE_DEVICES=0,1`; `nil` where none does.
    var cause: String?
    /// What had to be assumed, a sentence.
    var warning: String?

    /// The variables that ``init(_:environment:)`` looks at.
    static let variables = [
        "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "NVIDIA_VISIBLE_DEVICES", "SLURM_STEP_GPUS", "SLURM_JOB_GPUS",
    ]

    /// Decides among the GPUs that may be used.
    ///
    /// The first of these decides: what CUDA obeys, what the container was given, what Slurm says of the step and of the
    /// job.
    init(_ gpus: [GPU], environment: [String: String]) {
        self.gpus = gpus
        if let value = environment["CUDA_VISIBLE_DEVICES"] {
            decide("CUDA_VISIBLE_DEVICES", value)
            selectForCUDA(value, hasBusOrder: environment["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID")
        } else if let value = environment["NVIDIA_VISIBLE_DEVICES"], !["", "void", "all"].contains(value) {
            // `void` and nothing are one to the container's runtime: it was not asked, as where CDI gives the GPUs.
            decide("NVIDIA_VISIBLE_DEVICES", value)
            selectForContainer(value)
        } else {
            for name in ["SLURM_STEP_GPUS", "SLURM_JOB_GPUS"] {
                guard cause == nil, let value = environment[name], !value.isEmpty else { continue }
                decide(name, value)
                selectByPlace(Self.entries(value).filter { !$0.isEmpty })
            }
        }
    }

    private mutating func decide(_ name: String, _ value: String) { cause = "\(name)=\(value)" }

    // MARK: The three lists

    /// CUDA's list ends at the first entry that is none; an empty one hides every GPU.
    private mutating func selectForCUDA(_ value: String, hasBusOrder: Bool) {
        let all = gpus
        var chosen: [GPU] = []
        var hasNumbers = false
        var unknown: String?
        for entry in Self.entries(value) {
            if let number = Int(entry), all.indices.contains(number) {
                hasNumbers = true
                chosen.append(all[number])
            } else if let gpu = Self.gpu(named: entry, among: all) {
                chosen.append(gpu)
            } else {
                let candidates = Self.candidates(entry, among: all)
                guard !candidates.isEmpty else { break }
                unknown = entry
                chosen += candidates
            }
        }
        select(chosen)
        if let unknown { assume(gpus, "the driver does not tell which GPU \(unknown) is") }
        guard hasNumbers, gpus.count < all.count else { return }
        if all.contains(where: \.isMIG) {
            assume(all, "with MIG on, CUDA's numbers do not tell the GPU")
        } else if !hasBusOrder, Set(all.map(\.name)).count > 1 {
            // Fastest first: among equals the order is that of PCI, among others it is CUDA's guess.
            assume(all, "CUDA's order of unequal GPUs is not known", "or set CUDA_DEVICE_ORDER=PCI_BUS_ID")
        }
    }

    /// A container sees only what it was given, counted anew; the list itself speaks of the machine outside.
    private mutating func selectForContainer(_ value: String) {
        let entries = Self.entries(value).filter { !$0.isEmpty }
        if entries == ["none"] { return select([]) }
        guard entries.count != gpus.count, !entries.contains("all") else { return }
        if entries.allSatisfy({ UInt32($0) != nil }) { return selectByPlace(entries) }
        // MIG devices may be written as numbers of GPU and instance, `0:1`.
        let chosen = entries.compactMap { entry -> GPU? in
            if let number = UInt32(entry.prefix { $0 != ":" }) { return gpus.first { $0.index == number } }
            return Self.gpu(named: entry, among: gpus)
        }
        if chosen.count == entries.count {
            select(chosen)
        } else {
            assume(gpus, "not all of them are known here")
        }
    }

    /// The library's own places, as Slurm and the container's runtime count.
    private mutating func selectByPlace(_ entries: [String]) {
        let chosen = entries.compactMap { entry in gpus.first { UInt32(entry) == $0.index } }
        if chosen.count == entries.count { return select(chosen) }
        // Only so many are shown: they are those, counted anew.
        if entries.count != gpus.count { assume(gpus, "not all of these numbers are known here") }
    }

    // MARK: Entries

    private static func entries(_ value: String) -> [String] {
        value.split(separator: ",", omittingEmptySubsequences: false).map { entry in
            String(entry.drop { $0 == " " }.prefix { $0 != " " })
        }
    }

    /// The GPU of a UUID, of a beginning that only one has, or of a MIG instance.
    private static func gpu(named entry: String, among gpus: [GPU]) -> GPU? {
        if entry.hasPrefix("MIG-GPU-") {
            // The older form names the GPU: MIG-GPU-<uuid>/<GPU instance>/<compute instance>.
            let id = entry.dropFirst("MIG-".count).prefix { $0 != "/" }
            return gpus.first { $0.id == id }
        }
        let isInstance = entry.hasPrefix("MIG-")
        guard isInstance || entry.hasPrefix("GPU-") else { return nil }
        let found = gpus.filter { gpu in
            isInstance ? gpu.instances.contains { $0.hasPrefix(entry) } : gpu.id.hasPrefix(entry)
        }
        return found.count == 1 ? found[0] : found.first { $0.id == entry }
    }

    /// The GPUs that an entry may mean where the driver keeps their names, or those of their instances, to itself.
    private static func candidates(_ entry: String, among gpus: [GPU]) -> [GPU] {
        if entry.hasPrefix("MIG-") { return gpus.filter { $0.isMIG && $0.instances.isEmpty } }
        return entry.hasPrefix("GPU-") ? gpus.filter { !$0.id.hasPrefix("GPU-") } : []
    }

    private mutating func select(_ chosen: [GPU]) { gpus = gpus.filter { chosen.contains($0) } }

    private mutating func assume(_ assumed: [GPU], _ reason: String, _ alternative: String? = nil) {
        gpus = assumed
        guard assumed.count > 1 else { return }
        warning = """
            Which GPUs are meant by \(cause ?? "the environment") is not certain, since \(reason): \
            \(assumed.count) are measured. Name them by UUID\(alternative.map { ", " + $0 } ?? "").
            """
    }
}
