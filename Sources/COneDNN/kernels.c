#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "vector.h"

/// A loop over the pixels of blocked channels. A plane is one block of one image; its pixels go by rows of `od_row`.
typedef struct {
    od_type type;
    int block, blocks, index;
    int64_t pixels, planes, rows;
    void *data;
    const float *values;
    double (*parts)[16];
} od_planes;

enum { od_row = 256 };

#define OD_INLINE static inline __attribute__((always_inline))

static od_planes planes_of(od_type type, int n, int c, int64_t pixels) {
    int block = od_block(), blocks = (c + block - 1) / block;
    od_planes planes = {.type = type, .block = block, .blocks = blocks, .pixels = pixels};
    planes.planes = (int64_t)n * blocks;
    planes.rows = (pixels + od_row - 1) / od_row;
    return planes;
}

/// Row `unit` of all planes: where it starts, in elements, and its pixels.
static int64_t row_of(const od_planes *s, int64_t plane, int64_t row, int64_t *length) {
    int64_t start = row * od_row;
    *length = s->pixels - start < od_row ? s->pixels - start : od_row;
    return (plane * s->pixels + start) * s->block;
}

OD_VECTOR static void add_bias_f32(int64_t pixels, int block, float *data, const float *bias) {
    for (int half = 0; half < block; half += 8) {
        od_lane own, lane;
        memcpy(&own, bias + half, sizeof own);
        for (int64_t p = 0; p < pixels; p++) {
            memcpy(&lane, data + p * block + half, sizeof lane);
            lane += own;
            memcpy(data + p * block + half, &lane, sizeof lane);
        }
    }
}

OD_VECTOR static void add_bias_bf16(int64_t pixels, uint16_t *data, const float *bias) {
    float own[16];
    memcpy(own, bias, sizeof own);
    for (int64_t p = 0; p < pixels; p++)
        for (int b = 0; b < 16; b++) {
            float sum = widen(data[p * 16 + b]) + own[b];
            data[p * 16 + b] = (uint16_t)(rounded_bits(sum) >> 16);
        }
}

static void bias_rows(void *data, int64_t first, int64_t end) {
    const od_planes *s = data;
    for (int64_t unit = first; unit < end; unit++) {
        int64_t plane = unit / s->rows, length, place = row_of(s, plane, unit % s->rows, &length);
        const float *bias = s->values + plane % s->blocks * s->block;
        if (s->type == od_bf16) add_bias_bf16(length, (uint16_t *)s->data + place, bias);
        else add_bias_f32(length, s->block, (float *)s->data + place, bias);
    }
}

void od_add_bias(od_type type, int n, int c, int64_t pixels, void *data, const float *bias) {
    od_planes planes = planes_of(type, n, c, pixels);
    // Zero where the padding is, so that padding stays zero.
    float padded[planes.blocks * planes.block];
    for (int b = 0; b < planes.blocks * planes.block; b++) padded[b] = b < c ? bias[b] : 0;
    planes.data = data;
    planes.values = padded;
    od_parallel(planes.planes * planes.rows, bias_rows, &planes);
}

OD_INLINE void sum_of(int64_t pixels, int block, const float *data, float *sums) {
    for (int64_t p = 0; p < pixels; p++)
        for (int b = 0; b < block; b++) sums[b] += data[p * block + b];
}

OD_VECTOR static void sum_f32(int64_t pixels, int block, const float *data, float *sums) {
    float part[16] = {0};
    if (block == 16) sum_of(pixels, 16, data, part);
    else sum_of(pixels, 8, data, part);
    memcpy(sums, part, sizeof part);
}

OD_VECTOR static void sum_bf16(int64_t pixels, const uint16_t *data, float *sums) {
    float part[16] = {0};
    for (int64_t p = 0; p < pixels; p++)
        for (int b = 0; b < 16; b++) part[b] += widen(data[p * 16 + b]);
    memcpy(sums, part, sizeof part);
}

/// A row of pixels is summed in f32, rows in f64: long sums of like terms lose digits in f32.
static void sum_rows(void *data, int64_t first, int64_t end) {
    const od_planes *s = data;
    int64_t rows = s->planes / s->blocks * s->rows;
    for (int64_t chunk = first; chunk < end; chunk++) {
        double total[16] = {0};
        for (int64_t row = chunk * rows / od_chunks; row < (chunk + 1) * rows / od_chunks; row++) {
            int64_t plane = row / s->rows * s->blocks + s->index, length;
            int64_t place = row_of(s, plane, row % s->rows, &length);
            float part[16];
            if (s->type == od_bf16) sum_bf16(length, (const uint16_t *)s->data + place, part);
            else sum_f32(length, s->block, (const float *)s->data + place, part);
            for (int b = 0; b < s->block; b++) total[b] += part[b];
        }
        memcpy(s->parts[chunk], total, sizeof total);
    }
}

void od_sum_channels(od_type type, int n, int c, int64_t pixels, const void *data, float *sums) {
    double parts[od_chunks][16];
    od_planes planes = planes_of(type, n, c, pixels);
    planes.data = (void *)data;
    planes.parts = parts;
    for (planes.index = 0; planes.index < planes.blocks; planes.index++) {
        od_parallel(od_chunks, sum_rows, &planes);
        for (int b = 0; b < planes.block && planes.index * planes.block + b < c; b++) {
            double total = 0;
            for (int chunk = 0; chunk < od_chunks; chunk++) total += parts[chunk][b];
            sums[planes.index * planes.block + b] = (float)total;
        }
    }
}
