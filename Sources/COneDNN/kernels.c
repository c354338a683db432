#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "vector.h"

OD_VECTOR static void add_bias_f32(int64_t pixels, int block, float *data, const float *bias) {
    for (int64_t p = 0; p < pixels; p++)
        for (int b = 0; b < block; b++) data[p * block + b] += bias[b];
}

OD_VECTOR static void add_bias_bf16(int64_t pixels, int block, uint16_t *data, const float *bias) {
    for (int64_t p = 0; p < pixels; p++)
        for (int b = 0; b < block; b++) {
            float sum = widen(data[p * block + b]) + bias[b];
            data[p * block + b] = (uint16_t)(rounded_bits(sum) >> 16);
        }
}

/// The channels of one block, zero where the padding is, so that padding stays zero.
static void block_of(const float *values, int c, int first, int block, float *out) {
    for (int b = 0; b < block; b++) out[b] = first + b < c ? values[first + b] : 0;
}

void od_add_bias(od_type type, int n, int c, int64_t pixels, void *data, const float *bias) {
    int block = od_block(), blocks = (c + block - 1) / block;
    for (int image = 0; image < n; image++)
        for (int index = 0; index < blocks; index++) {
            float own[16];
            block_of(bias, c, index * block, block, own);
            int64_t offset = ((int64_t)image * blocks + index) * pixels * block;
            if (type == od_bf16) add_bias_bf16(pixels, block, (uint16_t *)data + offset, own);
            else add_bias_f32(pixels, block, (float *)data + offset, own);
        }
}

OD_VECTOR static void sum_f32(int64_t pixels, int block, const float *data, float *sums) {
    for (int64_t p = 0; p < pixels; p++)
        for (int b = 0; b < block; b++) sums[b] += data[p * block + b];
}

OD_VECTOR static void sum_bf16(int64_t pixels, int block, const uint16_t *data, float *sums) {
    for (int64_t p = 0; p < pixels; p++)
        for (int b = 0; b < block; b++) sums[b] += widen(data[p * block + b]);
}

void od_sum_channels(od_type type, int n, int c, int64_t pixels, const void *data, float *sums) {
    int block = od_block(), blocks = (c + block - 1) / block;
    // A row of pixels is summed in f32, rows in f64: long sums of like terms lose digits in f32.
    const int64_t row = 1024;
    for (int index = 0; index < blocks; index++) {
        double total[16] = {0};
        for (int image = 0; image < n; image++) {
            int64_t offset = ((int64_t)image * blocks + index) * pixels * block;
            for (int64_t start = 0; start < pixels; start += row) {
                int64_t length = pixels - start < row ? pixels - start : row;
                float part[16] = {0};
                if (type == od_bf16) sum_bf16(length, block, (const uint16_t *)data + offset + start * block, part);
                else sum_f32(length, block, (const float *)data + offset + start * block, part);
                for (int b = 0; b < block; b++) total[b] += part[b];
            }
        }
        for (int b = 0; b < block && index * block + b < c; b++) sums[index * block + b] = (float)total[b];
    }
}

OD_VECTOR static void add_f32(int64_t count, float *target, const float *source) {
    for (int64_t i = 0; i < count; i++) target[i] += source[i];
}

OD_VECTOR static void add_bf16(int64_t count, uint16_t *target, const uint16_t *source) {
    for (int64_t i = 0; i < count; i++)
        target[i] = (uint16_t)(rounded_bits(widen(target[i]) + widen(source[i])) >> 16);
}

void od_add(od_type type, int64_t count, void *target, const void *source) {
    if (type == od_bf16) add_bf16(count, target, source);
    else add_f32(count, target, source);
}

/// One row of pixels against three rows of the image, for eight output channels.
OD_VECTOR static void first_row(
    int w, int stride, const float *above, const float *here, const float *below, const float *diff, od_lane *taps) {
    const float *rows[3] = {above, here, below};
    for (int y = 0; y < 3; y++) {
        if (!rows[y]) continue;
        od_lane left = taps[3 * y], middle = taps[3 * y + 1], right = taps[3 * y + 2];
        for (int x = 0; x < w; x++) {
            od_lane gradient;
            memcpy(&gradient, diff + (int64_t)x * stride, sizeof gradient);
            if (x > 0) left += gradient * rows[y][x - 1];
            middle += gradient * rows[y][x];
            if (x + 1 < w) right += gradient * rows[y][x + 1];
        }
        taps[3 * y] = left;
        taps[3 * y + 1] = middle;
        taps[3 * y + 2] = right;
    }
}

void od_first_weights(od_type type, int n, int oc, int h, int w, const float *image, const void *diff, float *weights) {
    int block = od_block(), blocks = (oc + block - 1) / block;
    // A row of widened values, on the stack since a step asks for no memory; f32 is read where it lies.
    float row[type == od_bf16 ? w * block : 1];
    for (int index = 0; index < blocks; index++)
        for (int half = 0; half < block; half += 8) {
            double total[9][8] = {{0}};
            for (int i = 0; i < n; i++)
                for (int y = 0; y < h; y++) {
                    int64_t offset = ((((int64_t)i * blocks + index) * h + y) * w) * block;
                    const float *gradient;
                    if (type == od_bf16) {
                        const uint16_t *packed = (const uint16_t *)diff + offset;
                        for (int64_t k = 0; k < (int64_t)w * block; k++) row[k] = widen(packed[k]);
                        gradient = row;
                    } else {
                        gradient = (const float *)diff + offset;
                    }
                    const float *here = image + ((int64_t)i * h + y) * w;
                    od_lane taps[9] = {{0}};
                    first_row(w, block, y > 0 ? here - w : NULL, here, y + 1 < h ? here + w : NULL, gradient + half, taps);
                    for (int t = 0; t < 9; t++)
                        for (int b = 0; b < 8; b++) total[t][b] += taps[t][b];
                }
            for (int b = 0; b < 8; b++) {
                int channel = index * block + half + b;
                if (channel >= oc) continue;
                for (int t = 0; t < 9; t++) weights[channel * 9 + t] = (float)total[t][b];
            }
        }
}
