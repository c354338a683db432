// Gradient of the weights of a transposed 2x2 convolution in bf16: dot products of pairs of pixels, whose channels are
// woven for it, the gradient's for each tap in a few rows at a time, the source's on the way. oneDNN's pass takes up to
// half as long again where there are few channels.
#include <stdlib.h>

#include "pairs.h"
#include "weights.h"

enum { corners = 4, vectors = corners * channels };

typedef struct {
    od_up shape;
    const od_context *context;
    const uint16_t *src, *diff;
    float *gradient;
    /// Blocks of channels, and in how many parts the rows of a pair are summed.
    int inputs, outputs, chunks;
    /// Whether the one part of a pair is summed where the weights are kept.
    bool in_place;
} od_up_gradient;

/// Sums of a part of the rows: [tap][output] are vectors of inputs, as blocks of weights are kept, aligned as floats are.
static float *part_of(const od_up_gradient *s, int64_t input, int64_t output, int64_t chunk) {
    float *parts = s->in_place ? s->gradient : s->context->scratch;
    return parts + ((input * s->outputs + output) * s->chunks + chunk) * vectors * channels;
}

#if defined(__x86_64__)
/// Pixels of the source of which the first cache holds what four taps see.
enum { near = 128 };

/// Weaves the pixels that each tap sees of two rows of the gradient, every other of one of them.
OD_BF16 static void weave_rows(int pairs, const uint16_t *diff, od_pair *taps, int64_t away) {
    for (int row = 0; row < 2; row++)
        for (int j = 0; j < pairs; j++) {
            int x = (row * pairs + j) * 4;
            od_two first = od_two_at(diff, x), second = od_two_at(diff, x + 2);
            od_two left = __builtin_shufflevector(
                first, second, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 32, 33, 34, 35, 36, 37, 38, 39,
                40, 41, 42, 43, 44, 45, 46, 47);
            od_two right = __builtin_shufflevector(
                first, second, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 48, 49, 50, 51, 52, 53,
                54, 55, 56, 57, 58, 59, 60, 61, 62, 63);
            taps[2 * row * away + j] = od_weave(left);
            taps[(2 * row + 1) * away + j] = od_weave(right);
        }
}

/// Sums over pairs of pixels for one tap.
OD_BF16 static inline void add_pairs(
    int count, const uint16_t *src, const uint32_t *diff, bool begins, float *part) {
    __m512 sums[channels];
    if (begins) memset(sums, 0, sizeof sums);
    else memcpy(sums, part, sizeof sums);
    for (int j = 0; j < count; j++) {
        __m512bh seen = (__m512bh)od_weave(od_two_at(src, 2 * j));
        for (int output = 0; output < channels; output++)
            sums[output] =
                _mm512_dpbf16_ps(sums[output], seen, (__m512bh)_mm512_set1_epi32((int)diff[j * channels + output]));
    }
    memcpy(part, sums, sizeof sums);
}

/// Rows of an image for all blocks of inputs and one of outputs. What comes next is asked for on the way.
OD_BF16 static void add_rows(
    const od_up_gradient *s, int64_t image, int64_t first, int64_t end, int64_t output, int64_t chunk, bool begins) {
    int pairs = s->shape.w / 2, count = pairs * (int)(end - first);
    int64_t h = s->shape.h, line = (int64_t)s->shape.w * channels;
    int64_t bytes = (int64_t)sizeof *s->src * line * (end - first);
    const uint16_t *src = s->src + image * s->inputs * h * line;
    const uint16_t *diff = s->diff + (image * s->outputs + output) * corners * h * line;
    // On the stack since a step asks for no memory.
    od_pair woven[corners * count];
    for (int64_t y = first; y < end; y++)
        weave_rows(pairs, diff + y * corners * line, woven + (y - first) * pairs, count);
    od_ahead diff_ahead = {(const char *)(diff + end * corners * line), bytes / s->inputs};
    for (int64_t input = 0; input < s->inputs; input++) {
        const uint16_t *plane = src + input * h * line;
        od_ahead src_ahead = {(const char *)(plane + end * line), bytes / corners};
        for (int tap = 0; tap < corners; tap++) {
            od_ask(&src_ahead);
            od_ask(&diff_ahead);
            float *part = part_of(s, input, output, chunk) + tap * channels * channels;
            add_pairs(count, plane + first * line, (const uint32_t *)(woven + tap * count), begins, part);
        }
    }
}

/// A unit is a part of all pairs with a block of outputs.
static void add_units(void *data, int64_t first, int64_t end) {
    const od_up_gradient *s = data;
    int64_t h = s->shape.h, rows = s->shape.n * h;
    int most = s->shape.w < near ? near / s->shape.w : 1;
    for (int64_t unit = first; unit < end; unit++) {
        int64_t output = unit / s->chunks, chunk = unit % s->chunks;
        int64_t from = chunk * rows / s->chunks, last = (chunk + 1) * rows / s->chunks;
        // With few rows some parts have none.
        for (int64_t input = 0; input < s->inputs && from == last; input++)
            memset(part_of(s, input, output, chunk), 0, sizeof(od_pixel) * vectors);
        for (int64_t row = from; row < last;) {
            int64_t y = row % h, count = od_rows_at_once(row, last, h, most);
            add_rows(s, row / h, y, y + count, output, chunk, row == from);
            row += count;
        }
    }
}
#else
static void add_units(void *data, int64_t first, int64_t end) { abort(); }
#endif

/// Adds up the parts of pairs and writes them to where the weights are kept, plain ones without padding.
static void add_up(void *data, int64_t first, int64_t end) {
    const od_up_gradient *s = data;
    for (int64_t pair = first; pair < end; pair++) {
        int input = (int)(pair / s->outputs), output = (int)(pair % s->outputs);
        od_pixel total[vectors];
        od_add_parts(vectors, s->chunks, (const od_pixel *)part_of(s, input, output, 0), total);
        if (s->shape.blocked_weights) {
            memcpy(s->gradient + pair * vectors * channels, total, sizeof total);
            continue;
        }
        for (int i = input * channels; i < s->shape.ic && i < (input + 1) * channels; i++)
            for (int o = output * channels; o < s->shape.oc && o < (output + 1) * channels; o++)
                for (int tap = 0; tap < corners; tap++)
                    s->gradient[((int64_t)i * s->shape.oc + o) * corners + tap] =
                        total[tap * channels + o % channels][i % channels];
    }
}

static void run(od_op *op) {
    od_up_gradient *s = op->own;
    od_parallel((int64_t)s->outputs * s->chunks, add_units, s);
    if (!s->in_place) od_parallel((int64_t)s->inputs * s->outputs, add_up, s);
}

bool od_is_up_weights_loop(const od_up *s) {
    return s->type == od_bf16 && od_computes_bf16() && s->w % 2 == 0 && s->w <= 1024;
}

od_op *od_up_weights_loop(
    od_context *context, const od_up *shape, const void *src, const void *diff_dst, float *diff_weights) {
    int inputs = od_padded(shape->ic) / channels, outputs = od_padded(shape->oc) / channels;
    // As many units as keep all threads busy.
    int chunks = 2 * outputs < od_chunks ? od_chunks / 2 / outputs : 1;
    bool in_place = chunks == 1 && shape->blocked_weights;
    od_up_gradient own = {*shape, context, src, diff_dst, diff_weights, inputs, outputs, chunks, in_place};
    int64_t bytes = in_place ? 0 : (int64_t)inputs * outputs * chunks * vectors * (int64_t)sizeof(od_pixel);
    return od_make_loop(context, "loop:avx512_core_bf16", run, bytes, &own, sizeof own);
}
