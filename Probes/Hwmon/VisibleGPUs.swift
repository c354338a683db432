/// Which of a machine's GPUs a job sees, as far as its environment tells.
///
/// Numbers count the GPUs in the order of their addresses on the bus, as the driver does. Under Slurm, which may
/// show a job only its own GPUs and count them from 0, only Slurm's own global numbers can be used.
enum VisibleGPUs: Hashable {
    case all
    case some(Set<Int>)
    /// It tells something that is no safe answer; why, and what to do.
    case unclear(String)

    /// From the variables of a job.
    ///
    /// - Parameters:
    ///   - ids: The `unique_id` of each GPU, where it has one.
    ///   - variable: A variable of the environment, `nil` where it is not set.
    init(_ ids: [String?], _ variable: (String) -> String?) {
        let runtime = ["ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES"]
        var names = runtime
        if variable("SLURM_JOB_ID") != nil {
            names = ["SLURM_STEP_GPUS", "SLURM_JOB_GPUS"].filter { variable($0) != nil }.prefix(1).map { $0 }
            if names.isEmpty, let set = runtime.first(where: { variable($0) != nil }) {
                self = Self.unclear(set, "counts from the job's own GPUs")
                return
            }
        }
        // The second variable counts among those that the first leaves.
        var seen = Array(ids.indices)
        var isNarrowed = false
        for name in names {
            guard let text = variable(name) else { continue }
            guard let places = Self.places(text, ids, among: seen) else {
                self = Self.unclear(name, "is '\(text)', which names no GPUs of this machine")
                return
            }
            seen = places
            isNarrowed = true
        }
        self = isNarrowed ? .some(Set(seen)) : .all
    }

    private static func unclear(_ name: String, _ why: String) -> VisibleGPUs {
        .unclear("\(name) \(why): every AMD GPU of the node is read. To say so without this warning, add --all-gpus.")
    }

    /// `0,2`, `0-3`, or `GPU-<unique id>`, as places of `seen`'s GPUs.
    private static func places(_ text: String, _ ids: [String?], among seen: [Int]) -> [Int]? {
        var places: [Int] = []
        for word in text.split(separator: ",").map({ $0.filter { !$0.isWhitespace } }) {
            if word.hasPrefix("GPU-") {
                guard let place = seen.first(where: { ids[$0]?.lowercased() == word.dropFirst(4).lowercased() }) else {
                    return nil
                }
                places.append(place)
                continue
            }
            let ends = word.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last,
                seen.indices.contains(first), seen.indices.contains(last)
            else { return nil }
            places += seen[first...last]
        }
        return places.isEmpty ? nil : places
    }
}
