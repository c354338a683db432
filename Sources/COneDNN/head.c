#include "context.h"
#include "vector.h"

// The 1x1 convolution to one channel. oneDNN would pad its output to a block of channels, sixteen times the memory;
// here a pixel is a dot product over the blocked features, eight channels at a time.

// Lanes go through pointers and every helper is inlined: by value they would follow the calling convention of the
// baseline x86-64, which has no such registers, whatever the clone that calls.
#define OD_INLINE static inline __attribute__((always_inline))

OD_INLINE void load(od_type type, const void *data, int64_t index, od_lane *lane) {
    if (type == od_bf16) {
        od_lane_packed packed;
        memcpy(&packed, (const uint16_t *)data + index, sizeof packed);
        od_lane_bits bits = __builtin_convertvector(packed, od_lane_bits) << 16;
        memcpy(lane, &bits, sizeof *lane);
    } else {
        memcpy(lane, (const float *)data + index, sizeof *lane);
    }
}

OD_INLINE void store(od_type type, void *data, int64_t index, const od_lane *lane) {
    if (type == od_bf16) {
        od_lane_bits bits;
        memcpy(&bits, lane, sizeof bits);
        // As rounded_bits; a NaN keeps its upper half, with a bit that says NaN.
        od_lane_bits nan = (od_lane_bits)((bits & 0x7fffffffu) > 0x7f800000u);
        od_lane_bits rounded = bits + 0x7fffu + ((bits >> 16) & 1u);
        od_lane_bits kept = (rounded & ~nan) | ((bits | 0x00400000u) & nan);
        od_lane_packed packed = __builtin_convertvector(kept >> 16, od_lane_packed);
        memcpy((uint16_t *)data + index, &packed, sizeof packed);
    } else {
        memcpy((float *)data + index, lane, sizeof *lane);
    }
}

OD_INLINE float total(const od_lane *values) {
    od_lane lane = *values;
    lane += __builtin_shufflevector(lane, lane, 4, 5, 6, 7, 4, 5, 6, 7);
    lane += __builtin_shufflevector(lane, lane, 2, 3, 2, 3, 2, 3, 2, 3);
    return lane[0] + lane[1];
}

/// Weights of the eight channels from `first`, zero beyond `c`, where the padding is.
static void weights_of(const float *weights, int c, int first, float *own) {
    for (int k = 0; k < 8; k++) own[k] = first + k < c ? weights[first + k] : 0;
}

OD_INLINE void accumulate(
    od_type type, int64_t pixels, int block, const void *features, const float *weights, float *sums) {
    od_lane weight, lane;
    memcpy(&weight, weights, sizeof weight);
    for (int64_t p = 0; p < pixels; p++) {
        load(type, features, p * block, &lane);
        lane *= weight;
        sums[p] += total(&lane);
    }
}

/// sums[p] += weights . features[p], of eight channels.
OD_VECTOR static void accumulate_any(
    od_type type, int64_t pixels, int block, const void *features, const float *weights, float *sums) {
    if (type == od_bf16) accumulate(od_bf16, pixels, block, features, weights, sums);
    else accumulate(od_f32, pixels, block, features, weights, sums);
}

OD_INLINE void spread(
    od_type type, int64_t pixels, int block, const void *features, void *diff, const float *weights,
    const float *gradient, float *sums) {
    od_lane weight, lane, part = {0};
    memcpy(&weight, weights, sizeof weight);
    for (int64_t p = 0; p < pixels; p++) {
        load(type, features, p * block, &lane);
        part += gradient[p] * lane;
        lane = gradient[p] * weight;
        store(type, diff, p * block, &lane);
    }
    memcpy(sums, &part, sizeof part);
}

/// diff[p] = gradient[p] * weights; sums = the sum of gradient[p] * features[p], of eight channels.
OD_VECTOR static void spread_any(
    od_type type, int64_t pixels, int block, const void *features, void *diff, const float *weights,
    const float *gradient, float *sums) {
    if (type == od_bf16) spread(od_bf16, pixels, block, features, diff, weights, gradient, sums);
    else spread(od_f32, pixels, block, features, diff, weights, gradient, sums);
}

/// Bytes before the eight channels from `first` of an image's first pixel.
static int64_t place(od_type type, int64_t image, int c, int64_t pixels, int first) {
    int block = od_block();
    int64_t elements = (image * od_padded(c) + first / block * block) * pixels + first % block;
    return elements * (type == od_bf16 ? 2 : 4);
}

typedef struct {
    od_type type;
    int n, c, index;
    int64_t pixels, rows;
    const void *features;
    const float *weights, *diff_logits;
    float bias, *logits;
    void *diff_features;
    double (*parts)[16], *bias_parts;
} od_head;

enum { od_row = 1024 };

static int64_t length_of(const od_head *s, int64_t start) {
    return s->pixels - start < od_row ? s->pixels - start : od_row;
}

static void forward_rows(void *data, int64_t first, int64_t end) {
    const od_head *s = data;
    int64_t bytes = od_block() * (s->type == od_bf16 ? 2 : 4);
    for (int64_t row = first; row < end; row++) {
        int64_t image = row / s->rows, start = row % s->rows * od_row, length = length_of(s, start);
        float *out = s->logits + image * s->pixels + start;
        for (int64_t p = 0; p < length; p++) out[p] = s->bias;
        for (int channel = 0; channel < od_padded(s->c); channel += 8) {
            float own[8];
            weights_of(s->weights, s->c, channel, own);
            const char *from = (const char *)s->features + place(s->type, image, s->c, s->pixels, channel);
            accumulate_any(s->type, length, od_block(), from + start * bytes, own, out);
        }
    }
}

void od_head_forward(
    od_type type, int n, int c, int64_t pixels, const void *features, const float *weights, float bias, float *logits) {
    od_head head = {.type = type, .n = n, .c = c, .pixels = pixels, .rows = (pixels + od_row - 1) / od_row};
    head.features = features;
    head.weights = weights;
    head.bias = bias;
    head.logits = logits;
    od_parallel(n * head.rows, forward_rows, &head);
}

/// One block of channels; a row of pixels is summed in f32, rows in f64: long sums of like terms lose digits in f32.
static void backward_rows(void *data, int64_t first, int64_t end) {
    const od_head *s = data;
    int block = od_block();
    int64_t bytes = block * (s->type == od_bf16 ? 2 : 4), rows = s->n * s->rows;
    for (int64_t chunk = first; chunk < end; chunk++) {
        double sums[16] = {0}, bias = 0;
        for (int64_t row = chunk * rows / od_chunks; row < (chunk + 1) * rows / od_chunks; row++) {
            int64_t image = row / s->rows, start = row % s->rows * od_row, length = length_of(s, start);
            const float *gradient = s->diff_logits + image * s->pixels + start;
            for (int64_t p = 0; p < length; p++) bias += gradient[p];
            for (int half = 0; half < block; half += 8) {
                int channel = s->index * block + half;
                int64_t from = place(s->type, image, s->c, s->pixels, channel) + start * bytes;
                float own[8], part[8];
                weights_of(s->weights, s->c, channel, own);
                spread_any(
                    s->type, length, block, (const char *)s->features + from, (char *)s->diff_features + from, own,
                    gradient, part);
                for (int k = 0; k < 8; k++) sums[half + k] += part[k];
            }
        }
        memcpy(s->parts[chunk], sums, sizeof sums);
        s->bias_parts[chunk] = bias;
    }
}

void od_head_backward(
    od_type type, int n, int c, int64_t pixels, const void *features, const float *weights, const float *diff_logits,
    void *diff_features, float *diff_weights, float *diff_bias) {
    double parts[od_chunks][16], bias_parts[od_chunks], bias = 0;
    od_head head = {.type = type, .n = n, .c = c, .pixels = pixels, .rows = (pixels + od_row - 1) / od_row};
    head.features = features;
    head.weights = weights;
    head.diff_logits = diff_logits;
    head.diff_features = diff_features;
    head.parts = parts;
    head.bias_parts = bias_parts;
    for (int block = od_block(); head.index * block < c; head.index++) {
        od_parallel(od_chunks, backward_rows, &head);
        for (int b = 0; b < block && head.index * block + b < c; b++) {
            double total = 0;
            for (int chunk = 0; chunk < od_chunks; chunk++) total += parts[chunk][b];
            diff_weights[head.index * block + b] = (float)total;
        }
    }
    for (int chunk = 0; chunk < od_chunks; chunk++) bias += bias_parts[chunk];
    *diff_bias = (float)bias;
}
