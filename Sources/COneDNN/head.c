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
static int64_t place(od_type type, int image, int c, int64_t pixels, int first) {
    int block = od_block();
    int64_t elements = ((int64_t)image * od_padded(c) + first / block * block) * pixels + first % block;
    return elements * (type == od_bf16 ? 2 : 4);
}

void od_head_forward(
    od_type type, int n, int c, int64_t pixels, const void *features, const float *weights, float bias, float *logits) {
    for (int image = 0; image < n; image++) {
        float *out = logits + image * pixels;
        for (int64_t p = 0; p < pixels; p++) out[p] = bias;
        for (int first = 0; first < od_padded(c); first += 8) {
            float own[8];
            weights_of(weights, c, first, own);
            const char *data = (const char *)features + place(type, image, c, pixels, first);
            accumulate_any(type, pixels, od_block(), data, own, out);
        }
    }
}

void od_head_backward(
    od_type type, int n, int c, int64_t pixels, const void *features, const float *weights, const float *diff_logits,
    void *diff_features, float *diff_weights, float *diff_bias) {
    double bias = 0;
    for (int64_t p = 0; p < n * pixels; p++) bias += diff_logits[p];
    *diff_bias = (float)bias;
    // A row of pixels is summed in f32, rows in f64: long sums of like terms lose digits in f32.
    const int64_t row = 1024, bytes = od_block() * (type == od_bf16 ? 2 : 4);
    for (int first = 0; first < od_padded(c); first += 8) {
        float own[8], part[8];
        double sums[8] = {0};
        weights_of(weights, c, first, own);
        for (int image = 0; image < n; image++) {
            const char *from = (const char *)features + place(type, image, c, pixels, first);
            char *to = (char *)diff_features + place(type, image, c, pixels, first);
            const float *gradient = diff_logits + image * pixels;
            for (int64_t start = 0; start < pixels; start += row) {
                int64_t length = pixels - start < row ? pixels - start : row, skipped = start * bytes;
                spread_any(type, length, od_block(), from + skipped, to + skipped, own, gradient + start, part);
                for (int k = 0; k < 8; k++) sums[k] += part[k];
            }
        }
        for (int k = 0; k < 8 && first + k < c; k++) diff_weights[first + k] = (float)sums[k];
    }
}
