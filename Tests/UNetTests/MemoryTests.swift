import ProbeTestKit
import Testing

@testable import UNet

/// Memory is planned once, before the first step.
@Suite struct MemoryTests {
    /// Bytes that a step and a prediction ask for after their first few.
    private func bytesOfAStep(_ options: TrainingOptions) throws -> UInt64 {
        let batch = SmallBatch(options)
        let trainer = try Trainer(options)
        var result: [Float] = []
        func all() throws {
            _ = try trainer.step(images: batch.images, masks: batch.masks)
            try trainer.predict(images: batch.images, into: &result)
        }
        for _ in 0..<3 { try all() }
        return try allocatedBytes { try all() }
    }

    /// What is left are contexts of closures, which optimised builds keep on the stack.
    @Test func aStepOfOpenBLASAsksForNoBuffer() throws {
        try #require(countsAllocations())
        var options = EngineTests.small
        options.engine = .openblas
        let few = try bytesOfAStep(options)
        (options.size, options.batch) = (64, 4)
        #expect(try bytesOfAStep(options) == few)
        #expect(few < 12 << 10)
    }

    /// oneDNN itself keeps lists of arguments while a call lasts, the more where it runs Winograd's algorithm by parts;
    /// nothing in a step grows with the images.
    @Test(arguments: [Precision.fp32, .bf16, .fp16], [ConvolutionAlgorithm.direct, .winograd])
    func aStepOfOneDNNAsksForNoMoreThanItsArguments(precision: Precision, algorithm: ConvolutionAlgorithm) throws {
        try #require(countsAllocations())
        var options = EngineTests.small
        (options.precision, options.allowEmulation, options.algorithm) = (precision, true, algorithm)
        let few = try bytesOfAStep(options)
        (options.size, options.batch) = (64, 4)
        #expect(try bytesOfAStep(options) <= few)
        // fp16 has steps of its own that round and widen.
        let direct = precision == .fp16 ? 80 << 10 : 64 << 10
        #expect(few < (algorithm == .direct ? direct : 128 << 10))
    }

    @Test(arguments: [1, 24])
    func aLoaderChangesBuffersAndAsksForNone(threads: Int) throws {
        try #require(countsAllocations())
        let folder = try DatasetFolder()
        for index in 0..<4 { try folder.writeFrame("\(index)", width: 64, height: 64) }
        let requests = (0..<400).map { BatchRequest(indices: [$0 % 4, ($0 + 1) % 4]) }
        let cache = SampleCache(try Dataset(folder.path), size: 64)
        let loader = BatchLoader(cache, requests, batch: 2, threads: threads)
        var batch = Batch()
        for _ in 0..<8 { try #require(try loader.next(&batch)) }
        var addresses: Set<UInt> = []
        var bytes: UInt64 = 0
        for _ in 0..<380 {
            bytes += try allocatedBytes { _ = try loader.next(&batch) }
            addresses.insert(unsafe batch.images.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) })
        }
        // A batch has 64 KiB; contexts of closures are all that a build without optimisation asks for.
        #expect(bytes < 380 * 256)
        #expect(addresses.count <= BatchLoader.batches(threads: threads), "the same buffers go round")
    }
}
