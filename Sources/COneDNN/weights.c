// Gradient of the weights of a direct 3x3 convolution: oneDNN's passes reach four fifths of what the vector units do where
// there are few channels, these loops nine tenths.
#include <stdlib.h>
#include <string.h>

#include "weights.h"

/// Pixels of a group of rows, which stays in the second cache while nine taps pass over it.
enum { group = 2048 };

/// Sums over pixels of src[input] * diff, sixteen outputs a vector, for the sixteen inputs of a block.
OD_INLINE void add_row(int count, const float *src, const float *diff, od_pixel *sums) {
    for (int x = 0; x < count; x++) {
        od_pixel gradient;
        memcpy(&gradient, diff + (int64_t)x * channels, sizeof gradient);
        for (int input = 0; input < channels; input++) sums[input] += src[(int64_t)x * channels + input] * gradient;
    }
}

/// Adds rows of an image from `first` to `end`, from the planes of a block of inputs and one of outputs.
OD_INLINE void add_rows(
    const od_weights_gradient *s, const float *src, const float *diff, int first, int end, od_pixel *part) {
    int h = s->shape.h, w = s->shape.w;
    for (int tap = 0; tap < od_taps; tap++) {
        int down = tap / 3 - 1, across = tap % 3 - 1;
        int from = across < 0 ? 1 : 0, count = w - (across != 0);
        od_pixel sums[channels];
        memcpy(sums, part + tap * channels, sizeof sums);
        for (int y = first; y < end; y++) {
            if (y + down < 0 || y + down >= h) continue;
            int64_t seen = (int64_t)(y + down) * w + from + across, place = (int64_t)y * w + from;
            add_row(count, src + seen * channels, diff + place * channels, sums);
        }
        memcpy(part + tap * channels, sums, sizeof sums);
    }
}

/// Writes a pair of blocks to where the weights are kept, plain ones without padding.
static void write_pair(const od_weights_gradient *s, int pair, const float *part) {
    int input = pair / s->outputs * channels, output = pair % s->outputs * channels;
    enum { count = od_taps * channels * channels };
    if (s->shape.blocked_weights) {
        memcpy(s->gradient + od_place(&s->shape, output, input, 0), part, sizeof(float) * count);
        return;
    }
    for (int o = output; o < s->shape.oc && o < output + channels; o++)
        for (int i = input; i < s->shape.ic && i < input + channels; i++)
            for (int tap = 0; tap < od_taps; tap++)
                s->gradient[od_place(&s->shape, o, i, tap)] = part[(tap * channels + i - input) * channels + o - output];
}

/// Asks for the place of a pair, which is written when its sums are there.
static void ask_for(const od_weights_gradient *s, int64_t input, int64_t output) {
    const float *place = s->gradient + od_place(&s->shape, (int)output * channels, (int)input * channels, 0);
    for (int i = 0; i < od_taps * channels * channels; i += channels) __builtin_prefetch(place + i, 1, 2);
}

OD_AVX512 static void run_units(void *data, int64_t first, int64_t end) {
    const od_weights_gradient *s = data;
    int h = s->shape.h, w = s->shape.w, most = w < group ? group / w : 1;
    int64_t rows = (int64_t)s->shape.n * h, plane = (int64_t)h * w * channels;
    for (int64_t unit = first; unit < end; unit++) {
        int pair = (int)(unit / s->chunks), chunk = (int)(unit % s->chunks);
        int input = pair / s->outputs, output = pair % s->outputs;
        od_pixel part[od_taps * channels];
        memset(part, 0, sizeof part);
        if (s->chunks == 1 && s->shape.blocked_weights) ask_for(s, input, output);
        int64_t last = (chunk + 1) * rows / s->chunks;
        for (int64_t row = chunk * rows / s->chunks; row < last;) {
            int64_t image = row / h;
            int y = (int)(row % h), stop = y + most < h ? y + most : h;
            if (row + stop - y > last) stop = y + (int)(last - row);
            const float *src = (const float *)s->src + (image * s->inputs + input) * plane;
            add_rows(s, src, (const float *)s->diff + (image * s->outputs + output) * plane, y, stop, part);
            row += stop - y;
        }
        if (s->chunks == 1) write_pair(s, pair, (const float *)part);
        else memcpy(od_part(s, pair, chunk), part, sizeof part);
    }
}

typedef double od_wide __attribute__((vector_size(128)));

OD_AVX512 void od_add_parts(int count, int chunks, const od_pixel *parts, od_pixel *total) {
    for (int k = 0; k < count; k++) {
        od_wide sum = {0};
        for (int chunk = 0; chunk < chunks; chunk++) sum += __builtin_convertvector(parts[chunk * count + k], od_wide);
        total[k] = __builtin_convertvector(sum, od_pixel);
    }
}

static void add_up(void *data, int64_t first, int64_t end) {
    const od_weights_gradient *s = data;
    for (int64_t pair = first; pair < end; pair++) {
        od_pixel total[od_taps * channels];
        od_add_parts(od_taps * channels, s->chunks, od_part(s, pair, 0), total);
        write_pair(s, (int)pair, (const float *)total);
    }
}

static void run(od_op *op) {
    od_weights_gradient *s = op->own;
    int64_t pairs = (int64_t)s->inputs * s->outputs;
    if (s->shape.type == od_bf16) od_parallel(s->inputs * s->chunks, od_add_units_bf16, s);
    else od_parallel(pairs * s->chunks, run_units, s);
    if (s->chunks > 1) od_parallel(pairs, add_up, s);
}

bool od_is_weights_loop(const od_convolution *s) {
    if (s->algorithm != od_direct || s->k != 3 || s->plain_source || od_block() != channels) return false;
    // In bf16 oneDNN's pass is as fast where there are many pairs of blocks for the length of a row.
    int pairs = od_padded(s->ic) / channels * (od_padded(s->oc) / channels);
    return s->type == od_f32
        || (s->type == od_bf16 && od_computes_bf16() && pairs <= s->w / 2 && s->w >= 32 && s->w <= 1024);
}

od_op *od_direct_weights(
    od_context *context, const od_convolution *shape, const void *src, const void *diff_dst, float *diff_weights) {
    int inputs = od_padded(shape->ic) / channels, outputs = od_padded(shape->oc) / channels, pairs = inputs * outputs;
    // As many units as keep all threads busy: a part of a pair, in bf16 of all with a block of inputs. With more than that
    // a pair is summed in one in fp32, in bf16 still in two.
    bool is_bf16 = shape->type == od_bf16;
    int units = is_bf16 ? 2 * inputs : pairs, chunks = units < od_chunks ? od_chunks / units : 1;
    if (is_bf16 && chunks < 2) chunks = 2;
    od_weights_gradient own = {*shape, context, src, diff_dst, diff_weights, inputs, outputs, chunks};
    int64_t bytes = chunks > 1 ? (int64_t)pairs * chunks * od_taps * channels * (int64_t)sizeof(od_pixel) : 0;
    const char *name = is_bf16 ? "loop:avx512_core_bf16" : "loop:avx512_core";
    return od_make_loop(context, name, run, bytes, &own, sizeof own);
}
