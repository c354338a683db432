// Repeated pixels on blocked activations: copies forward, sums of four backward, neither of which asks for a primitive.
#include "context.h"
#include "vector.h"

void od_repeat(od_type type, int n, int c, int h, int w, const void *src, void *dst) {
    size_t pixel = (size_t)od_block() * (type == od_bf16 ? 2 : 4), row = 2 * (size_t)w * pixel;
    int64_t rows = (int64_t)n * (od_padded(c) / od_block()) * h;
    for (int64_t y = 0; y < rows; y++) {
        const char *from = (const char *)src + (size_t)y * w * pixel;
        char *to = (char *)dst + 2 * (size_t)y * row;
        for (int x = 0; x < 2 * w; x++) memcpy(to + x * pixel, from + x / 2 * pixel, pixel);
        memcpy(to + row, to, row);
    }
}

/// One row of gradients from the two rows that it was repeated to.
OD_VECTOR static void row_f32(int w, int block, const float *upper, const float *lower, float *sum) {
    for (int x = 0; x < w; x++)
        for (int b = 0; b < block; b++) {
            int left = 2 * x * block + b, right = left + block;
            sum[x * block + b] = (upper[left] + upper[right]) + (lower[left] + lower[right]);
        }
}

OD_VECTOR static void row_bf16(int w, int block, const uint16_t *upper, const uint16_t *lower, uint16_t *sum) {
    for (int x = 0; x < w; x++)
        for (int b = 0; b < block; b++) {
            int left = 2 * x * block + b, right = left + block;
            float total = (widen(upper[left]) + widen(upper[right])) + (widen(lower[left]) + widen(lower[right]));
            sum[x * block + b] = (uint16_t)(rounded_bits(total) >> 16);
        }
}

void od_repeat_backward(od_type type, int n, int c, int h, int w, const void *diff_dst, void *diff_src) {
    int block = od_block();
    int64_t rows = (int64_t)n * (od_padded(c) / block) * h, wide = 2 * (int64_t)w * block;
    for (int64_t y = 0; y < rows; y++) {
        int64_t from = 2 * y * wide, to = y * w * block;
        if (type == od_bf16) {
            const uint16_t *diff = (const uint16_t *)diff_dst + from;
            row_bf16(w, block, diff, diff + wide, (uint16_t *)diff_src + to);
        } else {
            const float *diff = (const float *)diff_dst + from;
            row_f32(w, block, diff, diff + wide, (float *)diff_src + to);
        }
    }
}
