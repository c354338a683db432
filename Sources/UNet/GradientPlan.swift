/// Which memory holds the gradient of each operation's output while the backward pass needs it.
///
/// A slot is free again once the operation behind its gradient is done, and is then used anew: three of a level's size
/// are enough for a level, and not one for each of its operations.
struct GradientPlan {
    /// What the backward pass of an operation leaves for one of its inputs.
    struct Target {
        /// The operation whose output's gradient it is.
        var input: Int
        /// Slot to write to.
        var slot: Int
        /// Slot of the gradient that other readers of the same output have left before, which has to be added.
        var earlier: Int?
    }

    /// Bytes of each slot.
    private(set) var slots: [Int] = []
    /// Slot of the gradient by each operation's output; nil for the head's, which the loss leaves elsewhere.
    private(set) var sources: [Int?]
    /// What each operation's backward pass writes.
    private(set) var targets: [[Target]]

    /// Plans the pass for operations whose outputs take so many bytes.
    init(_ operations: [NetOperation], bytes: (NetOperation) -> Int) {
        sources = Array(repeating: nil, count: operations.count)
        targets = Array(repeating: [], count: operations.count)
        var free: [Int] = []
        for (index, operation) in operations.enumerated().reversed() {
            for input in operation.inputs {
                let wanted = bytes(operations[input])
                let slot: Int
                if let place = free.lastIndex(where: { slots[$0] == wanted }) {
                    slot = free.remove(at: place)
                } else {
                    slot = slots.count
                    slots.append(wanted)
                }
                targets[index].append(Target(input: input, slot: slot, earlier: sources[input]))
                if let earlier = sources[input] { free.append(earlier) }
                sources[input] = slot
            }
            if let own = sources[index] { free.append(own) }
        }
    }
}
