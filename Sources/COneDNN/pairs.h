// Pairs of pixels, of which a dot product of bf16 takes one a channel: for loops over blocks of sixteen channels.
#pragma once

#if defined(__x86_64__)
#include <immintrin.h>

#include "pixel.h"
#include "vector.h"

/// Two pixels' values of a channel side by side, for sixteen channels.
typedef uint32_t od_pair __attribute__((vector_size(64)));
/// Two pixels, one after the other.
typedef uint16_t od_two __attribute__((vector_size(64)));

/// Two pixels channel by channel. Beside dot products it costs no time.
OD_BF16 static inline od_pair od_weave(od_two pixels) {
    return (od_pair)__builtin_shufflevector(
        pixels, pixels, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28,
        13, 29, 14, 30, 15, 31);
}

OD_BF16 static inline od_two od_two_at(const uint16_t *row, int64_t x) {
    od_two pixels;
    memcpy(&pixels, row + x * channels, sizeof pixels);
    return pixels;
}

/// Rows from `row` on, counted over all images of `h`, that lie in one of them and before `last`; `most` at a time.
static inline int64_t od_rows_at_once(int64_t row, int64_t last, int64_t h, int64_t most) {
    int64_t count = h - row % h < last - row ? h - row % h : last - row;
    return count < most ? count : most;
}

/// Memory that is read next, and how much of it to ask for at once.
typedef struct {
    const char *at;
    int64_t share;
} od_ahead;

/// Asks for a share, in lines of 64 bytes, while the vector units are busy.
OD_BF16 static inline void od_ask(od_ahead *ahead) {
    for (int64_t offset = 0; offset < ahead->share; offset += 64) _mm_prefetch(ahead->at + offset, _MM_HINT_T1);
    ahead->at += ahead->share;
}
#endif
