import Synchronization

/// A queue of ticks from one thread to one other, allocated once.
///
/// A row is the time before, the time after, and one raw count a channel. Memory that was never written costs
/// nothing: the system hands out its pages at the first touch. The indices are atomic; a row belongs to the
/// producer until `head` has passed it and to the consumer until `tail` has.
@safe
struct SampleRing: ~Copyable, Sendable {
    let width: Int
    let capacity: Int
    private let head = Atomic<Int>(0)
    private let tail = Atomic<Int>(0)
    // Written by the producer and read by the consumer at rows that the two indices keep apart.
    private nonisolated(unsafe) let storage: UnsafeMutablePointer<UInt64>

    init(channels: Int, capacity: Int) {
        width = channels + 2
        self.capacity = capacity
        unsafe storage = UnsafeMutablePointer<UInt64>.allocate(capacity: width * capacity)
    }

    deinit { unsafe storage.deallocate() }

    /// Appends a tick; `false` when the ring is full and the tick is lost.
    func append(before: Int64, after: Int64, _ readings: borrowing Span<RawReading>) -> Bool {
        let position = head.load(ordering: .relaxed)
        guard position - tail.load(ordering: .acquiring) < capacity else { return false }
        let row = unsafe storage + (position % capacity) * width
        unsafe row[0] = UInt64(bitPattern: before)
        unsafe row[1] = UInt64(bitPattern: after)
        for i in 0..<(width - 2) { unsafe row[i + 2] = readings[i].raw }
        head.store(position + 1, ordering: .releasing)
        return true
    }

    /// Moves every waiting tick to the end of a trace.
    func drain(into trace: inout Trace) {
        let end = head.load(ordering: .acquiring)
        var position = tail.load(ordering: .relaxed)
        while position < end {
            let row = unsafe storage + (position % capacity) * width
            unsafe trace.before.append(Int64(bitPattern: row[0]))
            unsafe trace.after.append(Int64(bitPattern: row[1]))
            for i in 0..<(width - 2) { unsafe trace.columns[i].append(row[i + 2]) }
            position += 1
        }
        tail.store(position, ordering: .releasing)
    }
}
