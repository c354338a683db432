// The sums of weights.c in bf16: dot products of pairs of pixels, whose channels are woven for it, the source's in a few
// rows at a time, the gradient's on the way. oneDNN turns each row round instead, which takes a quarter of its time
// where there are few channels.
#include <stdlib.h>

#include "pairs.h"
#include "weights.h"

#if defined(__x86_64__)
/// Pixels that six passes go over while they stay in the first cache, and those of all blocks that stay in the second.
enum { near = 256, group = 4096 };
/// A pass sums three taps of a row for half of a block's inputs: a value that is spread over a vector serves thrice.
enum { across = 3, half = channels / 2, passes = 6 };

/// Pixels x and x + 1 as a pair, zero where they are outside the row.
OD_BF16 static inline od_pair edge(int w, const uint16_t *row, int x) {
    __mmask16 inside = (x >= 0 && x < w ? 0x00ff : 0) | (x + 1 < w ? 0xff00 : 0);
    return od_weave((od_two)_mm512_maskz_loadu_epi32(inside, row + (int64_t)x * channels));
}

/// Adds what the pair of source pixels from x on takes part in: a tap to the left saw them from one pixel to the right.
OD_BF16 static inline void add_pair(
    int w, bool is_edge, int x, const uint32_t *src, const uint16_t *diff, __m512 sums[across][half]) {
    od_pair gradient[across];
    // Masks have a price.
    for (int tap = 0; tap < across; tap++)
        gradient[tap] = is_edge ? edge(w, diff, x + 1 - tap) : od_weave(od_two_at(diff, x + 1 - tap));
    for (int input = 0; input < half; input++) {
        __m512bh seen = (__m512bh)_mm512_set1_epi32((int)src[x / 2 * channels + input]);
        for (int tap = 0; tap < across; tap++)
            sums[tap][input] = _mm512_dpbf16_ps(sums[tap][input], (__m512bh)gradient[tap], seen);
    }
}

/// A row of more than two pixels.
OD_BF16 static inline void add_row(int w, const uint32_t *src, const uint16_t *diff, __m512 sums[across][half]) {
    int last = (w - 1) / 2 * 2;
    add_pair(w, true, 0, src, diff, sums);
    for (int x = 2; x < last; x += 2) add_pair(w, false, x, src, diff, sums);
    add_pair(w, true, last, src, diff, sums);
}

/// Rows from `first` to `end` of an image, and of a block of the source what they see, woven from row `top` on.
typedef struct {
    int first, end, top;
    /// Whether sums begin with these rows.
    bool begins;
    const uint32_t *src;
} od_rows;

/// A block of inputs against one of outputs. What comes next is asked for on the way.
OD_BF16 static inline void add_block(
    const od_weights_gradient *s, const od_rows *rows, const uint16_t *diff, od_ahead src_ahead, od_pixel *part) {
    int h = s->shape.h, w = s->shape.w;
    int step = w < near ? near / w : 1, steps = (rows->end - rows->first - 1) / step + 1;
    int64_t line = (int64_t)w * channels, woven = (int64_t)(w + 1) / 2 * channels;
    int64_t bytes = (int64_t)sizeof *diff * (rows->end - rows->first) * line;
    od_ahead diff_ahead = {(const char *)(diff + rows->end * line), bytes / steps / passes};
    src_ahead.share /= steps * passes;
    for (int y = rows->first; y < rows->end; y += step)
        for (int pass = 0; pass < passes; pass++) {
            od_ask(&src_ahead);
            od_ask(&diff_ahead);
            int down = pass / 2 - 1, input = pass % 2 * half;
            od_pixel *place = part + pass / 2 * across * channels + input;
            __m512 sums[across][half];
            for (int tap = 0; tap < across; tap++)
                if (rows->begins && y == rows->first) memset(sums[tap], 0, sizeof sums[tap]);
                else memcpy(sums[tap], place + tap * channels, sizeof sums[tap]);
            for (int seen = y + down; seen < rows->end + down && seen < y + step + down; seen++)
                if (seen >= 0 && seen < h)
                    add_row(w, rows->src + (seen - rows->top) * woven + input, diff + (seen - down) * line, sums);
            for (int tap = 0; tap < across; tap++) memcpy(place + tap * channels, sums[tap], sizeof sums[tap]);
        }
}

/// Rows of an image for a block of inputs and all of outputs.
OD_BF16 static void add_rows(
    const od_weights_gradient *s, int64_t image, int64_t input, int first, int end, int64_t chunk, bool begins) {
    int h = s->shape.h, w = s->shape.w, pairs = (w + 1) / 2;
    int top = first > 0 ? first - 1 : 0, bottom = end < h ? end + 1 : h;
    int64_t line = (int64_t)w * channels, plane = h * line;
    const uint16_t *src = (const uint16_t *)s->src + (image * s->inputs + input) * plane;
    const uint16_t *diff = (const uint16_t *)s->diff + image * s->outputs * plane;
    // On the stack since a step asks for no memory.
    od_pair woven[(bottom - top) * pairs], *target = woven;
    for (int y = top; y < bottom; y++)
        for (int x = 0; x < w; x += 2) *target++ = edge(w, src + y * line, x);
    od_rows rows = {first, end, top, begins, (const uint32_t *)woven};
    od_ahead ahead = {(const char *)(src + bottom * line), (int64_t)sizeof *src * (end - first) * line / s->outputs};
    for (int64_t output = 0; output < s->outputs; output++, ahead.at += ahead.share)
        add_block(s, &rows, diff + output * plane, ahead, od_part(s, input * s->outputs + output, chunk));
}

void od_add_units_bf16(void *data, int64_t first, int64_t end) {
    const od_weights_gradient *s = data;
    int64_t h = s->shape.h, rows = s->shape.n * h;
    int pixels = s->shape.w * s->outputs, most = pixels < group ? group / pixels : 1;
    for (int64_t unit = first; unit < end; unit++) {
        int64_t input = unit / s->chunks, chunk = unit % s->chunks;
        int64_t from = chunk * rows / s->chunks, last = (chunk + 1) * rows / s->chunks;
        // With few rows some parts have none.
        for (int64_t output = 0; output < s->outputs && from == last; output++)
            memset(od_part(s, input * s->outputs + output, chunk), 0, sizeof(od_pixel) * od_taps * channels);
        for (int64_t row = from; row < last;) {
            int64_t y = row % h, count = od_rows_at_once(row, last, h, most);
            add_rows(s, row / h, input, (int)y, (int)(y + count), chunk, row == from);
            row += count;
        }
    }
}
#else
void od_add_units_bf16(void *data, int64_t first, int64_t end) { abort(); }
#endif
