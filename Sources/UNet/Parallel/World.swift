internal import CMPI

#if canImport(Glibc)
internal import Glibc
#endif

/// The processes that train one net together, over OpenMPI; its calls belong to the thread that joined.
public struct World: Sendable, Hashable {
    /// Number of this process, from 0.
    public let rank: Int
    /// Processes in all.
    public let size: Int

    /// Joins the other ranks of a launch, and waits for them.
    ///
    /// - Throws: `.unsupported` without OpenMPI, or under another MPI's launcher.
    public init(joining launch: Launch) throws(UNetError) {
        guard launch.kind == .openMPI else {
            throw UNetError(
                code: .unsupported,
                problem: "The launcher of these \(launch.size) processes is not OpenMPI's, "
                    + "and no other MPI is supported.",
                remedy: "Start them with OpenMPI's mpirun or with srun --mpi=pmix, or one process without a launcher."
            )
        }
        var reason = [CChar](repeating: 0, count: 512)
        let outcome = unsafe reason.withUnsafeMutableBufferPointer { buffer in
            unsafe cmpi_join(buffer.baseAddress, buffer.count)
        }
        switch outcome {
        case cmpi_joined: break
        case cmpi_missing:
            let words = unsafe reason.withUnsafeBufferPointer { buffer in
                unsafe buffer.baseAddress.map { unsafe String(cString: $0) }
            }
            throw UNetError(
                code: .unsupported,
                problem: "OpenMPI cannot be loaded: \(words ?? "no reason given").",
                remedy: "Install it (libopenmpi3 on Debian), or name its folder in LD_LIBRARY_PATH."
            )
        case cmpi_foreign:
            throw UNetError(
                code: .unsupported,
                problem: "The libmpi.so that was found is not OpenMPI's; MPICH and its relatives are not supported.",
                remedy: "Name the folder of OpenMPI's in LD_LIBRARY_PATH, and start with its mpirun."
            )
        default:
            throw UNetError(
                code: .unsupported,
                problem: "MPI_Init_thread failed, or MPI gives no MPI_THREAD_FUNNELED.",
                remedy: "Start with the mpirun of the same OpenMPI, and read what it says above."
            )
        }
        (rank, size) = (Int(cmpi_rank()), Int(cmpi_size()))
        guard size == launch.size else {
            throw UNetError(
                code: .unsupported,
                problem: "\(launch.size) processes were started, but MPI knows of \(size).",
                remedy: "Use the mpirun of the OpenMPI that is loaded, or srun --mpi=pmix."
            )
        }
    }

    /// Adds up over all ranks, in place.
    public func sum(_ values: inout [Double]) {
        let count = Int64(values.count)
        unsafe values.withUnsafeMutableBufferPointer { unsafe cmpi_sum(cmpi_f64, $0.baseAddress, count) }
    }

    /// Adds up `count` values over all ranks, in place.
    func sum(_ values: UnsafeMutablePointer<Double>, count: Int) {
        unsafe cmpi_sum(cmpi_f64, values, Int64(count))
    }

    /// The facts of which the ranks hold different ones, by their names.
    ///
    /// - Parameters: Every rank gives the same names in the same order.
    public func differences(_ facts: KeyValuePairs<String, String>) -> [String] {
        let own = facts.map { Self.digest($0.value) }
        // Where all are the same, the largest is the smallest too, and the complement of the smallest is the largest.
        var extremes = own + own.map { ~$0 }
        let count = Int32(extremes.count)
        unsafe extremes.withUnsafeMutableBufferPointer { unsafe cmpi_largest($0.baseAddress, count) }
        return facts.indices.filter { extremes[$0] != ~extremes[$0 + own.count] }.map { facts[$0].key }
    }

    /// FNV-1a (Fowler, Noll, Vo) in 64 bits.
    private static func digest(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }

    /// Seconds in which any sum was under way so far, and those of them in which this rank did nothing but wait.
    public static var communication: (total: Double, exposed: Double) { (cmpi_busy_seconds(), cmpi_waited_seconds()) }

    /// The name of this rank's host.
    public static var host: String {
        var name = [CChar](repeating: 0, count: 256)
        return unsafe name.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress, unsafe gethostname(start, buffer.count - 1) == 0 else { return "" }
            return unsafe String(cString: start)
        }
    }

    /// Waits for all ranks and ends MPI, so that this process may end by itself.
    public func leave() { cmpi_leave() }

    /// Ends all ranks with `status` where this process has joined some and not left them; else returns.
    public static func abort(_ status: Int32) {
        if cmpi_is_joined() != 0 { cmpi_abort(status) }
    }
}
