// The rows of weights.c in bf16: a dot product of pairs of pixels, whose channels are woven for it as they come from the
// second cache. oneDNN turns each row round instead, which takes a quarter of its time where there are few channels.
#include "weights.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define OD_BF16 __attribute__((target("arch=x86-64-v4,avx512bf16"), min_vector_width(512)))

/// Two pixels' values of a channel side by side, for sixteen channels.
typedef uint32_t od_pair __attribute__((vector_size(64)));
typedef uint16_t od_two __attribute__((vector_size(64)));

/// Pixels that nine taps pass over while they stay in the first cache.
enum { near = 256 };

/// Two pixels, one after the other, channel by channel.
OD_BF16 static inline od_pair weave(od_two pixels) {
    return (od_pair)__builtin_shufflevector(
        pixels, pixels, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13,
        29, 14, 30, 15, 31);
}

/// A row in pairs of the pixels 2j - shift and 2j + 1 - shift, zero outside it.
OD_BF16 static inline void weave_row(int w, int shift, const uint16_t *row, od_pair *target) {
    enum { bytes = 2 * channels };
    od_two edge = {0};
    int j = 0;
    if (shift) {
        memcpy((char *)&edge + bytes, row, bytes);
        target[j++] = weave(edge);
    }
    for (; 2 * j - shift + 1 < w; j++) {
        od_two pixels;
        memcpy(&pixels, row + (int64_t)(2 * j - shift) * channels, sizeof pixels);
        target[j] = weave(pixels);
    }
    edge = (od_two){0};
    if (2 * j - shift < w) memcpy(&edge, row + (int64_t)(2 * j - shift) * channels, bytes);
    target[j] = weave(edge);
}

/// Sums over pairs of pixels. The broadcast is the last factor: it then needs no instruction of its own.
OD_BF16 static inline void add_pairs(int count, const od_pair *src, const od_pair *diff, __m512 *sums) {
    for (int j = 0; j < count; j++) {
        __m512bh gradient = (__m512bh)diff[j];
        for (int input = 0; input < channels; input++) {
            int pair;
            memcpy(&pair, (const char *)(src + j) + sizeof pair * input, sizeof pair);
            sums[input] = _mm512_dpbf16_ps(sums[input], gradient, (__m512bh)_mm512_set1_epi32(pair));
        }
    }
}

/// Asks for what is read next, in lines of 64 bytes, while the vector units are busy.
OD_BF16 static inline void ask_for(const char *from, int64_t bytes) {
    for (int64_t at = 0; at < bytes; at += 64) _mm_prefetch(from + at, _MM_HINT_T1);
}

OD_BF16 void od_add_rows_bf16(
    const od_weights_gradient *s, int64_t src, int64_t diff, int first, int end, od_pixel *part) {
    int h = s->shape.h, w = s->shape.w, pairs = (w + 3) / 2, step = w < near ? near / w : 1;
    int top = first > 0 ? first - 1 : 0, bottom = end < h ? end + 1 : h;
    // On the stack since a step asks for no memory.
    od_pair even[(bottom - top) * pairs], odd[(bottom - top) * pairs], gradient[(end - first) * pairs];
    for (int y = top; y < bottom; y++) {
        const uint16_t *row = (const uint16_t *)s->src + src + (int64_t)y * w * channels;
        weave_row(w, 0, row, even + (y - top) * pairs);
        weave_row(w, 1, row, odd + (y - top) * pairs);
    }
    for (int y = first; y < end; y++)
        weave_row(w, 0, (const uint16_t *)s->diff + diff + (int64_t)y * w * channels, gradient + (y - first) * pairs);
    int64_t line_bytes = (int64_t)w * channels * 2, share = step * line_bytes / taps;
    const char *next_src = (const char *)s->src + 2 * src + bottom * line_bytes;
    const char *next_diff = (const char *)s->diff + 2 * diff + end * line_bytes;
    for (int y = first; y < end; y += step)
        for (int tap = 0; tap < taps; tap++) {
            ask_for(next_src + (y - first) * line_bytes + tap * share, share);
            ask_for(next_diff + (y - first) * line_bytes + tap * share, share);
            int down = tap / 3 - 1, across = tap % 3 - 1;
            // Pixels one to the left and one to the right are the same odd pairs, one pair on.
            const od_pair *seen = across == 0 ? even : across < 0 ? odd : odd + 1;
            __m512 sums[channels];
            memcpy(sums, part + tap * channels, sizeof sums);
            for (int line = y; line < end && line < y + step; line++)
                if (line + down >= 0 && line + down < h)
                    add_pairs((w + 1) / 2, seen + (line + down - top) * pairs, gradient + (line - first) * pairs, sums);
            memcpy(part + tap * channels, sums, sizeof sums);
        }
}
#else
void od_add_rows_bf16(const od_weights_gradient *s, int64_t src, int64_t diff, int first, int end, od_pixel *part) {
    abort();
}
#endif
