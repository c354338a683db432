// The sums of weights.c in bf16: dot products of pairs of pixels, whose channels are woven for it in a few rows at a time,
// which then stay in the second cache for all pairs of blocks. oneDNN turns each row round instead, which takes a quarter
// of its time where there are few channels.
#include <stdlib.h>

#include "weights.h"

#if defined(__x86_64__)
#include <immintrin.h>

/// Two pixels' values of a channel side by side, for sixteen channels.
typedef uint32_t od_pair __attribute__((vector_size(64)));
typedef uint16_t od_two __attribute__((vector_size(64)));

/// Pixels that nine taps pass over while they stay in the first cache, and those of all blocks that stay in the second.
enum { near = 256, group = 2048 };

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

/// Rows from `first` to `end` of an image, woven: of each block of inputs all that a tap sees, of each of outputs these.
typedef struct {
    int first, end, top, bottom, pairs;
    /// Whether sums begin with these rows.
    bool begins;
    od_pair *even, *odd, *diff;
} od_woven;

/// A block of inputs against one of outputs. What comes next, `ask` bytes of each, is asked for on the way.
OD_BF16 static inline void add_block(
    const od_weights_gradient *s, const od_woven *rows, int input, int output, const char *next_src,
    const char *next_diff, int64_t ask, od_pixel *part) {
    int h = s->shape.h, w = s->shape.w, step = w < near ? near / w : 1;
    int64_t seen_rows = (int64_t)(rows->bottom - rows->top) * rows->pairs * input;
    const od_pair *even = rows->even + seen_rows, *odd = rows->odd + seen_rows;
    const od_pair *diff = rows->diff + (int64_t)(rows->end - rows->first) * rows->pairs * output;
    for (int y = rows->first; y < rows->end; y += step)
        for (int tap = 0; tap < taps; tap++) {
            int64_t share = ask * step / (rows->end - rows->first) / taps;
            ask_for(next_src, share);
            ask_for(next_diff, share);
            next_src += share;
            next_diff += share;
            int down = tap / 3 - 1, across = tap % 3 - 1;
            // Pixels one to the left and one to the right are the same odd pairs, one pair on.
            const od_pair *seen = across == 0 ? even : across < 0 ? odd : odd + 1;
            __m512 sums[channels];
            if (rows->begins && y == rows->first) memset(sums, 0, sizeof sums);
            else memcpy(sums, part + tap * channels, sizeof sums);
            for (int line = y; line < rows->end && line < y + step; line++)
                if (line + down >= 0 && line + down < h)
                    add_pairs(
                        (w + 1) / 2, seen + (int64_t)(line + down - rows->top) * rows->pairs,
                        diff + (int64_t)(line - rows->first) * rows->pairs, sums);
            memcpy(part + tap * channels, sums, sizeof sums);
        }
}

OD_BF16 static void add_rows(
    const od_weights_gradient *s, int64_t image, int first, int end, int chunk, bool begins) {
    int h = s->shape.h, w = s->shape.w, pairs = (w + 3) / 2;
    int top = first > 0 ? first - 1 : 0, bottom = end < h ? end + 1 : h;
    int64_t line = (int64_t)w * channels, plane = h * line;
    const uint16_t *src = (const uint16_t *)s->src + image * s->inputs * plane;
    const uint16_t *diff = (const uint16_t *)s->diff + image * s->outputs * plane;
    // On the stack since a step asks for no memory.
    od_pair even[s->inputs * (bottom - top) * pairs], odd[s->inputs * (bottom - top) * pairs];
    od_pair gradient[s->outputs * (end - first) * pairs];
    od_pair *left = even, *right = odd, *target = gradient;
    for (int input = 0; input < s->inputs; input++)
        for (int y = top; y < bottom; y++, left += pairs, right += pairs) {
            weave_row(w, 0, src + input * plane + y * line, left);
            weave_row(w, 1, src + input * plane + y * line, right);
        }
    for (int output = 0; output < s->outputs; output++)
        for (int y = first; y < end; y++, target += pairs) weave_row(w, 0, diff + output * plane + y * line, target);
    od_woven rows = {first, end, top, bottom, pairs, begins, even, odd, gradient};
    for (int input = 0; input < s->inputs; input++)
        for (int output = 0; output < s->outputs; output++) {
            // Each pair asks for its share of the next rows of its own two blocks.
            int64_t bytes = 2 * line * (end - first);
            const char *next_src = (const char *)(src + input * plane + bottom * line) + bytes / s->outputs * output;
            const char *next_diff = (const char *)(diff + output * plane + end * line) + bytes / s->inputs * input;
            int most = s->inputs > s->outputs ? s->inputs : s->outputs;
            od_pixel *part = od_part(s, input * s->outputs + output, chunk);
            add_block(s, &rows, input, output, next_src, next_diff, bytes / most, part);
        }
}

void od_add_chunks_bf16(void *data, int64_t first, int64_t end) {
    const od_weights_gradient *s = data;
    int64_t h = s->shape.h, rows = s->shape.n * h, pairs = (int64_t)s->inputs * s->outputs;
    int across = s->shape.w * (s->inputs > s->outputs ? s->inputs : s->outputs), most = across < group ? group / across : 1;
    for (int64_t chunk = first; chunk < end; chunk++) {
        int64_t from = chunk * rows / s->chunks, last = (chunk + 1) * rows / s->chunks;
        // With few rows some parts have none.
        for (int64_t pair = 0; pair < pairs && from == last; pair++)
            memset(od_part(s, pair, chunk), 0, sizeof(od_pixel) * taps * channels);
        for (int64_t row = from; row < last;) {
            int64_t y = row % h, stop = y + most < h ? y + most : h;
            if (row + stop - y > last) stop = y + last - row;
            add_rows(s, row / h, (int)y, (int)stop, (int)chunk, row == from);
            row += stop - y;
        }
    }
}
#else
void od_add_chunks_bf16(void *data, int64_t first, int64_t end) { abort(); }
#endif
