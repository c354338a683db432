import COneDNN
import Dispatch

/// What this machine multiplies and adds at most in a precision, by a loop that keeps all values in registers.
///
/// It is a measured figure: clocks vary, and a matrix unit beside the vector units (AMX) is not in it.
public struct MachineLimit: Sendable {
    /// fp32, bf16 or int8.
    public var precision: Precision
    /// Instructions of the loop, as `avx512bf16`; nil where the CPU has none for the precision.
    public var instructions: String?
    /// Multiply-accumulates in a second, all threads together; nil where the CPU has no instructions.
    public var macsPerSecond: Double?

    /// Measures for at least `duration`, the best of five.
    public init(_ precision: Precision, threads: Int, duration: Duration = .milliseconds(100)) {
        self.precision = precision
        let type: od_type? =
            switch precision {
            case .fp32: od_f32
            case .bf16: od_bf16
            case .int8: od_8bit
            // No instructions of fp16 are used here.
            case .fp16: nil
            }
        guard let type, let name = unsafe od_multiply_add_instructions(type) else { return }
        instructions = unsafe String(cString: name)
        var rounds: Int64 = 1 << 16
        var best = 0.0
        for _ in 0..<5 {
            var (products, time) = Self.run(type, rounds, threads)
            while time < duration {
                rounds *= 2
                (products, time) = Self.run(type, rounds, threads)
            }
            best = max(best, products / (time / .seconds(1)))
        }
        macsPerSecond = best
    }

    /// Products of all threads, and the time until the last has ended.
    private static func run(_ type: od_type, _ rounds: Int64, _ threads: Int) -> (products: Double, time: Duration) {
        let clock = ContinuousClock()
        let start = clock.now
        DispatchQueue.concurrentPerform(iterations: threads) { _ in _ = od_multiply_add(type, rounds) }
        let time = clock.now - start
        // Rounds of no products cost nothing to count.
        return (Double(od_multiply_add(type, 1)) * Double(rounds) * Double(threads), time)
    }
}
