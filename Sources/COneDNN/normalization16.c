// Batch normalisation with ReLU in bf16 for training. oneDNN reads the source three times where two passes do, and
// keeps a bit for each value that these find again from the source.
#include <math.h>
#include <stdlib.h>

#include "context.h"
#include "pixels16.h"

#if defined(__x86_64__)
typedef struct {
    od_normalization shape;
    const float *scale, *shift;
    float *mean, *variance;
    const uint16_t *src;
    /// The result; backward the gradient of it, then that of the source.
    uint16_t *dst;
    float *diff_scale, *diff_shift;
    /// Blocks of channels, and in how many parts the rows of one are summed.
    int blocks, parts;
    int64_t pixels, rows;
    /// In the scratch memory, block by block: the result is the source times slope plus offset, above zero; its gradient
    /// times slope, and what flows back through mean and variance: the source times back_slope plus back_offset.
    float *slope, *offset, *back_slope, *back_offset;
    double (*sums)[channels], (*products)[channels];
} od_normal;

enum { row = 512 };

/// Row `index` of all images' rows in a block of channels: where it starts, and its pixels.
static int64_t row_of(const od_normal *s, int64_t block, int64_t index, int64_t *length) {
    int64_t start = index % s->rows * row;
    *length = s->pixels - start < row ? s->pixels - start : row;
    return ((index / s->rows * s->blocks + block) * s->pixels + start) * channels;
}

OD_BF16 OD_INLINE od_pixels scaled(od_pixels values, od_pixels slope, od_pixels offset) {
    return (od_pixels){values.even * slope.even + offset.even, values.odd * slope.odd + offset.odd};
}

OD_AVX512 OD_INLINE void store(uint16_t *to, __m512i pixels, bool are_two) {
    if (are_two) _mm512_storeu_si512(to, pixels);
    else _mm256_storeu_si256((__m256i *)to, _mm512_castsi512_si256(pixels));
}

/// The gradients of results above zero, and zeros.
OD_AVX512 OD_INLINE od_pixels passed(od_pixels results, __m512i gradients) {
    __mmask16 even = _mm512_cmp_ps_mask((__m512)results.even, _mm512_setzero_ps(), _CMP_GT_OQ);
    __mmask16 odd = _mm512_cmp_ps_mask((__m512)results.odd, _mm512_setzero_ps(), _CMP_GT_OQ);
    return od_widen_where(even, odd, gradients);
}

OD_BF16 OD_INLINE void normalise_two(
    const uint16_t *src, uint16_t *dst, od_pixels slope, od_pixels offset, bool are_two) {
    od_pixels result = scaled(od_widen_pixels(od_load_pixels(src, are_two)), slope, offset);
    // As integers of 16 bits the values below zero are below zero too.
    store(dst, _mm512_max_epi16(od_round_pixels(result), _mm512_setzero_si512()), are_two);
}

OD_BF16 static void normalise_rows(void *data, int64_t first, int64_t end) {
    const od_normal *s = data;
    for (int64_t unit = first; unit < end; unit++) {
        int64_t rows = s->shape.n * s->rows, block = unit / rows, length, place = row_of(s, block, unit % rows, &length);
        od_pixels slope = od_spread(s->slope + block * channels), offset = od_spread(s->offset + block * channels);
        const uint16_t *src = s->src + place;
        uint16_t *dst = s->dst + place;
        for (int64_t p = 0; p + 2 <= length; p += 2)
            normalise_two(src + p * channels, dst + p * channels, slope, offset, true);
        int64_t last = (length - 1) * channels;
        if (length % 2) normalise_two(src + last, dst + last, slope, offset, false);
    }
}

/// Sums of gradients and of their products with the source's deviations.
OD_BF16 OD_INLINE void add_two(
    const uint16_t *src, const uint16_t *diff, od_pixels slope, od_pixels offset, od_pixels mean, bool are_two,
    od_pixels *sum, od_pixels *product) {
    od_pixels values = od_widen_pixels(od_load_pixels(src, are_two));
    od_pixels flow = passed(scaled(values, slope, offset), od_load_pixels(diff, are_two));
    *sum = (od_pixels){sum->even + flow.even, sum->odd + flow.odd};
    *product = (od_pixels){
        product->even + flow.even * (values.even - mean.even), product->odd + flow.odd * (values.odd - mean.odd)};
}

OD_BF16 static void sum_parts(void *data, int64_t first, int64_t end) {
    const od_normal *s = data;
    int64_t rows = s->shape.n * s->rows;
    for (int64_t unit = first; unit < end; unit++) {
        double sums[channels] = {0}, products[channels] = {0};
        int64_t block = unit / s->parts, part = unit % s->parts, last = (part + 1) * rows / s->parts;
        od_pixels slope = od_spread(s->slope + block * channels), offset = od_spread(s->offset + block * channels);
        float middle[channels] = {0};
        for (int b = 0; b < channels && block * channels + b < s->shape.c; b++)
            middle[b] = s->mean[block * channels + b];
        od_pixels mean = od_spread(middle);
        for (int64_t index = part * rows / s->parts; index < last; index++) {
            int64_t length, place = row_of(s, block, index, &length), odd = place + (length - 1) * channels;
            const uint16_t *src = s->src, *diff = s->dst;
            od_pixels sum = {0}, product = {0};
            for (int64_t at = place; at + 2 * channels <= place + length * channels; at += 2 * channels)
                add_two(src + at, diff + at, slope, offset, mean, true, &sum, &product);
            // Of a pixel that is not there no gradient is passed: it is zero.
            if (length % 2) add_two(src + odd, diff + odd, slope, offset, mean, false, &sum, &product);
            float total[channels];
            od_gather(sum, total);
            for (int b = 0; b < channels; b++) sums[b] += total[b];
            od_gather(product, total);
            for (int b = 0; b < channels; b++) products[b] += total[b];
        }
        memcpy(s->sums[unit], sums, sizeof sums);
        memcpy(s->products[unit], products, sizeof products);
    }
}

OD_BF16 OD_INLINE void flow_two(
    const uint16_t *src, uint16_t *diff, od_pixels slope, od_pixels offset, od_pixels back_slope, od_pixels back_offset,
    bool are_two) {
    od_pixels values = od_widen_pixels(od_load_pixels(src, are_two));
    od_pixels flow = passed(scaled(values, slope, offset), od_load_pixels(diff, are_two));
    store(diff, od_round_pixels(scaled(flow, slope, scaled(values, back_slope, back_offset))), are_two);
}

OD_BF16 static void flow_rows(void *data, int64_t first, int64_t end) {
    const od_normal *s = data;
    for (int64_t unit = first; unit < end; unit++) {
        int64_t rows = s->shape.n * s->rows, block = unit / rows, length, place = row_of(s, block, unit % rows, &length);
        od_pixels slope = od_spread(s->slope + block * channels), offset = od_spread(s->offset + block * channels);
        od_pixels back_slope = od_spread(s->back_slope + block * channels);
        od_pixels back_offset = od_spread(s->back_offset + block * channels);
        const uint16_t *src = s->src + place;
        uint16_t *diff = s->dst + place;
        for (int64_t p = 0; p + 2 <= length; p += 2)
            flow_two(src + p * channels, diff + p * channels, slope, offset, back_slope, back_offset, true);
        int64_t last = (length - 1) * channels;
        if (length % 2) flow_two(src + last, diff + last, slope, offset, back_slope, back_offset, false);
    }
}

/// Places what the loops share in the scratch memory; slopes and offsets of padding are zero, so that it stays zero.
static void begin(od_normal *s, void *scratch) {
    int64_t padded = (int64_t)s->blocks * channels, units = (int64_t)s->blocks * s->parts;
    s->sums = scratch;
    s->products = s->sums + units;
    s->slope = (float *)(s->products + units);
    s->offset = s->slope + padded;
    s->back_slope = s->offset + padded;
    s->back_offset = s->back_slope + padded;
    memset(s->slope, 0, sizeof(float) * 4 * (size_t)padded);
}

static float deviation(const od_normal *s, int channel) { return sqrtf(s->variance[channel] + s->shape.epsilon); }

static void find_slopes(od_normal *s) {
    for (int channel = 0; channel < s->shape.c; channel++) {
        s->slope[channel] = s->scale[channel] / deviation(s, channel);
        s->offset[channel] = s->shift[channel] - s->slope[channel] * s->mean[channel];
    }
}

static void run_training(od_op *op) {
    od_normal *s = op->own;
    const od_normalization *shape = &s->shape;
    begin(s, op->context->scratch);
    if (!shape->given_statistics) {
        double *sums = s->sums[0], *squares = s->products[0], count = (double)shape->n * (double)s->pixels;
        od_channel_moments(shape->type, shape->n, shape->c, s->pixels, s->src, sums, squares);
        for (int channel = 0; channel < shape->c; channel++) {
            double mean = sums[channel] / count, variance = squares[channel] / count - mean * mean;
            s->mean[channel] = (float)mean;
            s->variance[channel] = variance > 0 ? (float)variance : 0;
        }
    }
    find_slopes(s);
    od_parallel(s->blocks * shape->n * s->rows, normalise_rows, s);
}

static void run_backward(od_op *op) {
    od_normal *s = op->own;
    begin(s, op->context->scratch);
    find_slopes(s);
    od_parallel((int64_t)s->blocks * s->parts, sum_parts, s);
    double count = (double)s->shape.n * (double)s->pixels;
    for (int channel = 0; channel < s->shape.c; channel++) {
        double sum = 0, product = 0, spread = deviation(s, channel);
        for (int part = 0; part < s->parts; part++) {
            int unit = channel / channels * s->parts + part;
            sum += s->sums[unit][channel % channels];
            product += s->products[unit][channel % channels];
        }
        s->diff_shift[channel] = (float)sum;
        s->diff_scale[channel] = (float)(product / spread);
        if (s->shape.given_statistics) continue;
        double slope = -s->slope[channel] / count * product / (spread * spread);
        s->back_slope[channel] = (float)slope;
        s->back_offset[channel] = (float)(-s->slope[channel] / count * sum - slope * s->mean[channel]);
    }
    od_parallel(s->blocks * s->shape.n * s->rows, flow_rows, s);
}

static od_op *make(od_context *context, od_normal normal, void (*loop)(od_op *)) {
    const od_normalization *shape = &normal.shape;
    normal.blocks = od_padded(shape->c) / channels;
    normal.parts = normal.blocks < od_chunks ? od_chunks / normal.blocks : 1;
    normal.pixels = (int64_t)shape->h * shape->w;
    normal.rows = (normal.pixels + row - 1) / row;
    int64_t units = (int64_t)normal.blocks * normal.parts;
    int64_t bytes = channels * (2 * units * (int64_t)sizeof(double) + 4 * normal.blocks * (int64_t)sizeof(float));
    return od_make_loop(context, "loop:avx512_core_bf16", loop, bytes, &normal, sizeof normal);
}

od_op *od_training_bf16(
    od_context *context, const od_normalization *s, const uint16_t *src, const float *scale, const float *shift,
    float *mean, float *variance, uint16_t *dst) {
    if (!od_computes_bf16()) return NULL;
    od_normal normal = {
        .shape = *s, .scale = scale, .shift = shift, .mean = mean, .variance = variance, .src = src, .dst = dst};
    return make(context, normal, run_training);
}

od_op *od_backward_bf16(
    od_context *context, const od_normalization *s, const uint16_t *src, const float *scale, const float *shift,
    const float *mean, const float *variance, uint16_t *diff, float *diff_scale, float *diff_shift) {
    if (!od_computes_bf16()) return NULL;
    od_normal normal = {
        .shape = *s, .scale = scale, .shift = shift, .mean = (float *)mean, .variance = (float *)variance, .src = src,
        .dst = diff, .diff_scale = diff_scale, .diff_shift = diff_shift};
    return make(context, normal, run_backward);
}
#else
// No bf16 is computed elsewhere.
od_op *od_training_bf16(
    od_context *context, const od_normalization *s, const uint16_t *src, const float *scale, const float *shift,
    float *mean, float *variance, uint16_t *dst) {
    return NULL;
}

od_op *od_backward_bf16(
    od_context *context, const od_normalization *s, const uint16_t *src, const float *scale, const float *shift,
    const float *mean, const float *variance, uint16_t *diff, float *diff_scale, float *diff_shift) {
    return NULL;
}
#endif
