// Max pooling 2x2 on blocked activations. The gradient is added to what is there: oneDNN's pass would overwrite it, and
// ask for memory of its own and another pass to add up.
#include "context.h"
#include "vector.h"

typedef struct {
    od_type type;
    int w;
    const void *from;
    void *to;
    /// Which of its four pixels each result is from, 0 to 3 row by row.
    uint8_t *choices;
} od_pool_rows;

#define OD_INLINE static inline __attribute__((always_inline))

OD_INLINE float value_at(od_type type, const void *data, int64_t index) {
    return type == od_bf16 ? widen(((const uint16_t *)data)[index]) : ((const float *)data)[index];
}

OD_INLINE void store_at(od_type type, void *data, int64_t index, float value) {
    if (type == od_bf16) ((uint16_t *)data)[index] = (uint16_t)(rounded_bits(value) >> 16);
    else ((float *)data)[index] = value;
}

/// One row of results from two rows; the first of equal pixels is chosen.
OD_INLINE void choose_row(
    od_type type, int block, int w, const void *data, int64_t upper, int64_t lower, void *result, int64_t place,
    uint8_t *choices) {
    for (int x = 0; x < w; x++)
        for (int b = 0; b < block; b++) {
            int64_t left = 2 * (int64_t)x * block + b, right = left + block, own = place + (int64_t)x * block + b;
            float most = value_at(type, data, upper + left), next = value_at(type, data, upper + right);
            uint8_t choice = 0;
            choice = next > most ? 1 : choice;
            most = next > most ? next : most;
            next = value_at(type, data, lower + left);
            choice = next > most ? 2 : choice;
            most = next > most ? next : most;
            next = value_at(type, data, lower + right);
            choice = next > most ? 3 : choice;
            most = next > most ? next : most;
            store_at(type, result, own, most);
            choices[own] = choice;
        }
}

OD_INLINE void add_row(
    od_type type, int block, int w, const void *diff, int64_t place, const uint8_t *choices, void *sum, int64_t upper,
    int64_t lower) {
    for (int x = 0; x < w; x++) {
        // Copies: a compiler cannot know that what is written is none of what is read.
        float gradient[16];
        uint8_t choice[16];
        for (int b = 0; b < block; b++) gradient[b] = value_at(type, diff, place + (int64_t)x * block + b);
        memcpy(choice, choices + place + (int64_t)x * block, (size_t)block);
        for (int pixel = 0; pixel < 4; pixel++) {
            int64_t target = (pixel < 2 ? upper : lower) + (2 * (int64_t)x + pixel % 2) * block;
            for (int b = 0; b < block; b++) {
                float more = choice[b] == pixel ? gradient[b] : 0;
                store_at(type, sum, target + b, value_at(type, sum, target + b) + more);
            }
        }
    }
}

OD_VECTOR static void choose_rows(void *data, int64_t first, int64_t end) {
    od_pool_rows s = *(const od_pool_rows *)data;
    int block = od_block();
    int64_t narrow = (int64_t)s.w * block, wide = 2 * narrow;
    for (int64_t y = first; y < end; y++) {
        int64_t upper = 2 * y * wide, lower = upper + wide, own = y * narrow;
        if (block == 8) choose_row(od_f32, 8, s.w, s.from, upper, lower, s.to, own, s.choices);
        else if (s.type == od_bf16) choose_row(od_bf16, 16, s.w, s.from, upper, lower, s.to, own, s.choices);
        else choose_row(od_f32, 16, s.w, s.from, upper, lower, s.to, own, s.choices);
    }
}

OD_VECTOR static void add_rows(void *data, int64_t first, int64_t end) {
    od_pool_rows s = *(const od_pool_rows *)data;
    int block = od_block();
    int64_t narrow = (int64_t)s.w * block, wide = 2 * narrow;
    for (int64_t y = first; y < end; y++) {
        int64_t upper = 2 * y * wide, lower = upper + wide, own = y * narrow;
        if (block == 8) add_row(od_f32, 8, s.w, s.from, own, s.choices, s.to, upper, lower);
        else if (s.type == od_bf16) add_row(od_bf16, 16, s.w, s.from, own, s.choices, s.to, upper, lower);
        else add_row(od_f32, 16, s.w, s.from, own, s.choices, s.to, upper, lower);
    }
}

void od_pool(od_type type, int n, int c, int h, int w, const void *src, void *dst, uint8_t *choices) {
    od_pool_rows rows = {type, w / 2, src, dst, choices};
    od_parallel((int64_t)n * (od_padded(c) / od_block()) * (h / 2), choose_rows, &rows);
}

void od_pool_backward(
    od_type type, int n, int c, int h, int w, const void *diff_dst, const uint8_t *choices, void *diff_src) {
    od_pool_rows rows = {type, w / 2, diff_dst, diff_src, (uint8_t *)choices};
    od_parallel((int64_t)n * (od_padded(c) / od_block()) * (h / 2), add_rows, &rows);
}
