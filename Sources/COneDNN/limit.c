// What one core multiplies and adds at most, found by doing nothing else. It is C for the instructions, which Swift
// does not name.
#include "COneDNN.h"

#include <stddef.h>

#if defined(__x86_64__)
#include <immintrin.h>

/// Sums that do not wait for each other: more than any core's latency times its units.
enum { chains = 12 };

/// What the compiler cannot know, so that no product is computed ahead.
static volatile float one = 1, tiny = 1e-30f;
static volatile int unit = 1;
static volatile float kept;

#define OD_ACCUMULATE(type, start, multiply_add)                    \
    type sums[chains];                                              \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < chains; i++) sums[i] = start; \
    for (int64_t round = 0; round < rounds; round++) {              \
        _Pragma("clang loop unroll(full)") for (int i = 0; i < chains; i++) sums[i] = multiply_add; \
    }                                                               \
    type total = sums[0];                                           \
    _Pragma("clang loop unroll(full)") for (int i = 1; i < chains; i++) total += sums[i]; \
    kept = ((const float *)&total)[0]

__attribute__((target("avx2,fma"))) static int64_t f32_256(int64_t rounds) {
    __m256 a = _mm256_set1_ps(one), b = _mm256_set1_ps(tiny);
    OD_ACCUMULATE(__m256, a, _mm256_fmadd_ps(a, b, sums[i]));
    return rounds * chains * 8;
}

__attribute__((target("avx512f"))) static int64_t f32_512(int64_t rounds) {
    __m512 a = _mm512_set1_ps(one), b = _mm512_set1_ps(tiny);
    OD_ACCUMULATE(__m512, a, _mm512_fmadd_ps(a, b, sums[i]));
    return rounds * chains * 16;
}

__attribute__((target("avx512f,avx512bf16"))) static int64_t bf16_512(int64_t rounds) {
    __m512 start = _mm512_set1_ps(one);
    __m512bh a = (__m512bh)_mm512_set1_ps(one), b = (__m512bh)_mm512_set1_ps(tiny);
    OD_ACCUMULATE(__m512, start, _mm512_dpbf16_ps(sums[i], a, b));
    return rounds * chains * 32;
}

__attribute__((target("avx512f,avx512vnni"))) static int64_t int8_512(int64_t rounds) {
    __m512i a = _mm512_set1_epi32(unit), b = a;
    OD_ACCUMULATE(__m512i, a, _mm512_dpbusd_epi32(sums[i], a, b));
    return rounds * chains * 64;
}

static const struct {
    od_type type;
    const char *instructions;
    int64_t (*run)(int64_t rounds);
} loops[] = {
    {od_f32, "avx512f", f32_512},
    {od_f32, "fma", f32_256},
    {od_bf16, "avx512bf16", bf16_512},
    {od_8bit, "avx512vnni", int8_512},
};

static bool is_there(size_t loop) {
    // The builtin takes literals alone; it knows too whether the system saves the registers.
    switch (loop) {
    case 0: return __builtin_cpu_supports("avx512f");
    case 1: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case 2: return __builtin_cpu_supports("avx512bf16");
    default: return __builtin_cpu_supports("avx512vnni");
    }
}

static int loop_of(od_type type) {
    for (size_t i = 0; i < sizeof loops / sizeof loops[0]; i++) {
        if (loops[i].type == type && is_there(i)) return (int)i;
    }
    return -1;
}

const char *od_multiply_add_instructions(od_type type) {
    int loop = loop_of(type);
    return loop < 0 ? NULL : loops[loop].instructions;
}

int64_t od_multiply_add(od_type type, int64_t rounds) {
    int loop = loop_of(type);
    return loop < 0 ? 0 : loops[loop].run(rounds);
}
#else
const char *od_multiply_add_instructions(od_type type) {
    (void)type;
    return NULL;
}

int64_t od_multiply_add(od_type type, int64_t rounds) {
    (void)type;
    (void)rounds;
    return 0;
}
#endif
