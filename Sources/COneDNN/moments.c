// Statistics of normalisation: sums and squares in one pass, and what flows back through those of several processes.
#include <stdlib.h>

#include "context.h"
#include "pixels16.h"
#include "vector.h"

typedef struct {
    od_type type;
    int block, blocks, parts;
    int64_t images, pixels, rows;
    const void *data;
    double (*sums)[16], (*squares)[16];
} od_moments;

/// Pixels that are summed in f32, before f64: long sums of like terms lose digits in f32.
enum { row = 512 };

/// Sums of a row's deviations from `centre` and of their squares.
OD_VECTOR static void row_f32(
    int64_t pixels, int block, const float *data, const float *centre, float *sums, float *squares) {
    for (int64_t p = 0; p < pixels; p++)
        for (int b = 0; b < block; b++) {
            float difference = data[p * block + b] - centre[b];
            sums[b] += difference;
            squares[b] += difference * difference;
        }
}

#if defined(__x86_64__)
OD_AVX512 static void row_bf16(
    int64_t pixels, const uint16_t *data, const float *centre, float *sums, float *squares) {
    od_pixels middle = od_spread(centre), sum = {0}, square = {0};
    for (int64_t p = 0; p + 2 <= pixels; p += 2) {
        od_pixels values = od_widen_pixels(od_load_pixels(data + p * channels, true));
        od_pixel even = values.even - middle.even, odd = values.odd - middle.odd;
        sum = (od_pixels){sum.even + even, sum.odd + odd};
        square = (od_pixels){square.even + even * even, square.odd + odd * odd};
    }
    od_gather(sum, sums);
    od_gather(square, squares);
    for (int b = 0; b < channels && pixels % 2 > 0; b++) {
        float difference = widen(data[(pixels - 1) * channels + b]) - centre[b];
        sums[b] += difference;
        squares[b] += difference * difference;
    }
}
#else
static void row_bf16(int64_t pixels, const uint16_t *data, const float *centre, float *sums, float *squares) { abort(); }
#endif

static void sum_parts(void *data, int64_t first, int64_t end) {
    const od_moments *s = data;
    int64_t rows = s->images * s->rows;
    for (int64_t unit = first; unit < end; unit++) {
        double sum[16] = {0}, square[16] = {0};
        int64_t part = unit % s->parts, last = (part + 1) * rows / s->parts;
        for (int64_t index = part * rows / s->parts; index < last; index++) {
            int64_t start = index % s->rows * row, length = s->pixels - start < row ? s->pixels - start : row;
            int64_t place = ((index / s->rows * s->blocks + unit / s->parts) * s->pixels + start) * s->block;
            // Deviations from the first pixel lose no digits to a large mean.
            float centre[16] = {0}, sums[16] = {0}, squares[16] = {0};
            if (s->type == od_bf16) {
                const uint16_t *pixels = (const uint16_t *)s->data + place;
                for (int b = 0; b < s->block; b++) centre[b] = widen(pixels[b]);
                row_bf16(length, pixels, centre, sums, squares);
            } else {
                const float *pixels = (const float *)s->data + place;
                memcpy(centre, pixels, sizeof(float) * (size_t)s->block);
                row_f32(length, s->block, pixels, centre, sums, squares);
            }
            // sum x = sum d + n m; sum x^2 = sum d^2 + 2 m sum d + n m^2, with d = x - m.
            for (int b = 0; b < s->block; b++) {
                double m = centre[b], all = (double)length * m;
                sum[b] += sums[b] + all;
                square[b] += squares[b] + m * (2 * sums[b] + all);
            }
        }
        memcpy(s->sums[unit], sum, sizeof sum);
        memcpy(s->squares[unit], square, sizeof square);
    }
}

void od_channel_moments(od_type type, int n, int c, int64_t pixels, const void *data, double *sums, double *squares) {
    int block = od_block(), blocks = (c + block - 1) / block;
    // The same parts on every number of threads.
    int parts = blocks < od_chunks ? od_chunks / blocks : 1;
    double sum[blocks * parts][16], square[blocks * parts][16];
    od_moments moments = {type, block, blocks, parts, n, pixels, (pixels + row - 1) / row, data, sum, square};
    od_parallel((int64_t)blocks * parts, sum_parts, &moments);
    for (int channel = 0; channel < c; channel++) {
        sums[channel] = squares[channel] = 0;
        for (int part = 0; part < parts; part++) {
            sums[channel] += sum[channel / block * parts + part][channel % block];
            squares[channel] += square[channel / block * parts + part][channel % block];
        }
    }
}

OD_VECTOR static void flow_f32(
    int64_t pixels, int block, const float *data, const float *mean, const float *offset, const float *slope,
    float *diff) {
    for (int64_t p = 0; p < pixels; p++)
        for (int b = 0; b < block; b++)
            diff[p * block + b] -= offset[b] + slope[b] * (data[p * block + b] - mean[b]);
}

OD_VECTOR static void flow_bf16(
    int64_t pixels, int block, const uint16_t *data, const float *mean, const float *offset, const float *slope,
    uint16_t *diff) {
    for (int64_t p = 0; p < pixels; p++)
        for (int b = 0; b < block; b++) {
            float flow = offset[b] + slope[b] * (widen(data[p * block + b]) - mean[b]);
            diff[p * block + b] = (uint16_t)(rounded_bits(widen(diff[p * block + b]) - flow) >> 16);
        }
}

void od_subtract_flow(
    od_type type, int n, int c, int64_t pixels, const void *data, const float *mean, const float *offset,
    const float *slope, void *diff) {
    int block = od_block(), blocks = (c + block - 1) / block;
    for (int index = 0; index < blocks; index++) {
        // The padding's offset and slope are zero, so that it stays zero.
        float m[16] = {0}, o[16] = {0}, s[16] = {0};
        for (int b = 0; b < block && index * block + b < c; b++) {
            m[b] = mean[index * block + b];
            o[b] = offset[index * block + b];
            s[b] = slope[index * block + b];
        }
        for (int image = 0; image < n; image++) {
            int64_t place = ((int64_t)image * blocks + index) * pixels * block;
            if (type == od_bf16)
                flow_bf16(pixels, block, (const uint16_t *)data + place, m, o, s, (uint16_t *)diff + place);
            else flow_f32(pixels, block, (const float *)data + place, m, o, s, (float *)diff + place);
        }
    }
}
