// Repeated pixels on blocked activations: copies forward, sums of four backward, neither of which asks for a primitive.
#include "context.h"
#include "vector.h"

typedef struct {
    od_type type;
    int w;
    const void *from;
    void *to;
} od_repetition;

static void repeat_rows(void *data, int64_t first, int64_t end) {
    const od_repetition *s = data;
    size_t pixel = (size_t)od_block() * (s->type == od_bf16 ? 2 : 4), row = 2 * (size_t)s->w * pixel;
    for (int64_t y = first; y < end; y++) {
        const char *from = (const char *)s->from + (size_t)y * s->w * pixel;
        char *to = (char *)s->to + 2 * (size_t)y * row;
        for (int x = 0; x < 2 * s->w; x++) memcpy(to + x * pixel, from + x / 2 * pixel, pixel);
        memcpy(to + row, to, row);
    }
}

void od_repeat(od_type type, int n, int c, int h, int w, const void *src, void *dst) {
    od_repetition repetition = {type, w, src, dst};
    od_parallel((int64_t)n * (od_padded(c) / od_block()) * h, repeat_rows, &repetition);
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

static void gather_rows(void *data, int64_t first, int64_t end) {
    const od_repetition *s = data;
    int block = od_block();
    int64_t wide = 2 * (int64_t)s->w * block;
    for (int64_t y = first; y < end; y++) {
        int64_t from = 2 * y * wide, to = y * s->w * block;
        if (s->type == od_bf16) {
            const uint16_t *diff = (const uint16_t *)s->from + from;
            row_bf16(s->w, block, diff, diff + wide, (uint16_t *)s->to + to);
        } else {
            const float *diff = (const float *)s->from + from;
            row_f32(s->w, block, diff, diff + wide, (float *)s->to + to);
        }
    }
}

void od_repeat_backward(od_type type, int n, int c, int h, int w, const void *diff_dst, void *diff_src) {
    od_repetition repetition = {type, w, diff_dst, diff_src};
    od_parallel((int64_t)n * (od_padded(c) / od_block()) * h, gather_rows, &repetition);
}
