// Loops over blocks of sixteen channels, which there are with AVX-512 alone: a pixel is a vector.
#pragma once

#include <string.h>

/// The channels of a pixel.
typedef float od_pixel __attribute__((vector_size(64)));

enum { channels = 16 };

// No clones: these loops are asked for where there is AVX-512. Helpers are inlined: see head.c.
#if defined(__x86_64__)
#define OD_AVX512 __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define OD_BF16 __attribute__((target("arch=x86-64-v4,avx512bf16"), min_vector_width(512)))
#else
#define OD_AVX512
#endif
#define OD_INLINE static inline __attribute__((always_inline))
