internal import Dispatch
internal import Synchronization

/// Batches on their way from the threads that fill them to the one that uses them, and back.
final class BatchRing: Sendable {
    /// A batch to fill, with what goes into it.
    struct Order {
        let number: Int
        let request: BatchRequest
        var batch: Batch
    }

    private struct Requests {
        let iterator: AnyIterator<BatchRequest>
        var taken = 0
        var isAtEnd = false
    }

    private enum Place {
        case free, end
        case filled(Result<Batch, UNetError>)

        var isFree: Bool { if case .free = self { true } else { false } }
    }

    private struct State {
        var empty: [Batch]
        /// Batches that are filled, each at its number modulo the count of places; behind the last the end.
        var places: [Place]
        /// Batches that are used up, and those before the first that is still being filled.
        var used = 0, ready = 0
        var isClosed = false
    }

    private let requests: Mutex<Requests>
    private let state: Mutex<State>
    // Both begin at 0: libdispatch ends a program that frees a semaphore below its first value.
    private let empties = DispatchSemaphore(value: 0)
    private let fulls = DispatchSemaphore(value: 0)

    /// A ring of `count` batches beside the one that is in use.
    init(_ requests: some Sequence<BatchRequest> & Sendable, count: Int) {
        self.requests = Mutex(Requests(iterator: AnyIterator(requests.makeIterator())))
        var first = State(
            empty: Array(repeating: Batch(), count: count),
            places: Array(repeating: .free, count: count + 1)
        )
        first.empty.reserveCapacity(count + 1)
        state = Mutex(first)
        for _ in 0..<count { empties.signal() }
    }

    /// The next batch to fill, once one is empty; nil when there is none any more, or nobody who wants it.
    func take() -> Order? {
        empties.wait()
        guard state.withLock({ !$0.isClosed }) else { return pass() }
        // Apart from the batches, which change places while an order for an epoch is drawn.
        let next = requests.withLock { requests -> (number: Int, request: BatchRequest?)? in
            guard !requests.isAtEnd else { return nil }
            guard let request = requests.iterator.next() else {
                requests.isAtEnd = true
                return (requests.taken, nil)
            }
            requests.taken += 1
            return (requests.taken - 1, request)
        }
        guard let next else { return pass() }
        guard let request = next.request else {
            put(at: next.number) { .end }
            return pass()
        }
        return Order(number: next.number, request: request, batch: state.withLock { $0.empty.removeLast() })
    }

    /// Lets the next thread see that there is nothing to do.
    private func pass() -> Order? {
        empties.signal()
        return nil
    }

    /// Hands a batch over that was filled, or why it could not be.
    ///
    /// The order keeps nothing of it: whoever fills a batch that somebody else holds fills a copy.
    func put(_ order: inout Order, failure: UNetError? = nil) {
        put(at: order.number) {
            var batch = Batch()
            swap(&batch, &order.batch)
            return .filled(failure.map { .failure($0) } ?? .success(batch))
        }
    }

    private func put(at number: Int, _ place: () -> Place) {
        let more = state.withLock { state in
            let (count, before) = (state.places.count, state.ready)
            state.places[number % count] = place()
            while state.ready < state.used + count, !state.places[state.ready % count].isFree { state.ready += 1 }
            return state.ready - before
        }
        for _ in 0..<more { fulls.signal() }
    }

    /// Takes the next batch, once there is one, for `batch`; false after the last, and the same error every time after a
    /// failure.
    func exchange(_ batch: inout Batch) throws(UNetError) -> Bool {
        fulls.wait()
        let outcome: Result<Bool, UNetError> = state.withLock { state in
            let place = state.used % state.places.count
            switch state.places[place] {
            case .filled(.success(let next)):
                state.places[place] = .free
                state.used += 1
                state.empty.append(batch)
                batch = next
                return .success(true)
            // The end stays where it is, whoever asks again.
            case .filled(.failure(let error)): return .failure(error)
            case .end, .free: return .success(false)
            }
        }
        let isExchanged = (try? outcome.get()) == true
        (isExchanged ? empties : fulls).signal()
        return try outcome.get()
    }

    /// Ends the filling threads after the batches that they are at.
    func close() {
        state.withLock { $0.isClosed = true }
        empties.signal()
    }
}
