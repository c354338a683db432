// The loss over a batch of logits, vector by vector: exponential and logarithm are polynomials of fp32 quality.
#include "context.h"
#include "vector.h"

typedef struct {
    int64_t count;
    const float *logits, *masks;
    float *probabilities;
    od_loss_sums *parts;
} od_loss_loop;

enum { od_row = 1024 };

/// e^x for x of -87 to 0: 2^n times Taylor's polynomial on |r| <= ln 2 / 2, whose next term is 5e-9.
static inline __attribute__((always_inline)) void exponential(const od_lane *exponent, od_lane *result) {
    od_lane x = *exponent, shift = {0};
    // Adding 1.5 * 2^23 rounds to a whole number, which then stands in the lowest bits.
    shift += 12582912.0f;
    od_lane shifted = x * 1.44269504f + shift, n = shifted - shift;
    od_lane r = x - n * 0.693145752f - n * 1.42860677e-6f;
    od_lane sum = r * (1.0f / 5040) + 1.0f / 720;
    sum = sum * r + 1.0f / 120;
    sum = sum * r + 1.0f / 24;
    sum = sum * r + 1.0f / 6;
    sum = sum * r + 0.5f;
    sum = sum * r + 1.0f;
    sum = sum * r + 1.0f;
    od_lane_bits bits, base;
    memcpy(&bits, &shifted, sizeof bits);
    memcpy(&base, &shift, sizeof base);
    bits = (bits - base + 127) << 23;
    od_lane power;
    memcpy(&power, &bits, sizeof power);
    *result = sum * power;
}

/// log(1 + d) for d of 0 to 1: 2 atanh(d / (2 + d)) by its series, whose next term is 1e-8.
static inline __attribute__((always_inline)) void logarithm(const od_lane *decay, od_lane *result) {
    od_lane s = *decay / (*decay + 2.0f), t = s * s;
    od_lane sum = t * (1.0f / 13) + 1.0f / 11;
    sum = sum * t + 1.0f / 9;
    sum = sum * t + 1.0f / 7;
    sum = sum * t + 1.0f / 5;
    sum = sum * t + 1.0f / 3;
    sum = sum * t + 1.0f;
    *result = 2.0f * s * sum;
}

/// Sums of a row of pixels in f32, of rows in f64: long sums of like terms lose digits in f32.
OD_VECTOR static void row_sums(
    int64_t count, const float *logits, const float *masks, float *probabilities, od_loss_sums *sums) {
    od_lane entropy = {0}, overlap = {0}, predicted = {0}, present = {0};
    for (int64_t i = 0; i < count; i += 8) {
        size_t bytes = count - i < 8 ? (size_t)(count - i) * sizeof(float) : sizeof(od_lane);
        // Beyond the end stands a background that is known for certain: it adds nothing.
        od_lane z = {-100, -100, -100, -100, -100, -100, -100, -100}, g = {0}, least = {0}, zero = {0}, decay, more;
        memcpy(&z, logits + i, bytes);
        memcpy(&g, masks + i, bytes);
        least -= 87.0f;
        od_lane exponent = __builtin_elementwise_max(-__builtin_elementwise_abs(z), least);
        exponential(&exponent, &decay);
        logarithm(&decay, &more);
        od_lane_bits positive = (od_lane_bits)(z >= zero), one, small, bits;
        od_lane ones = zero + 1.0f, numerator;
        memcpy(&one, &ones, sizeof one);
        memcpy(&small, &decay, sizeof small);
        bits = (one & positive) | (small & ~positive);
        memcpy(&numerator, &bits, sizeof numerator);
        od_lane p = numerator / (decay + 1.0f);
        memcpy(probabilities + i, &p, bytes);
        entropy += __builtin_elementwise_max(z, zero) - z * g + more;
        overlap += p * g;
        predicted += p;
        present += g;
    }
    for (int k = 0; k < 8; k++) {
        sums->entropy += entropy[k];
        sums->overlap += overlap[k];
        sums->predicted += predicted[k];
        sums->present += present[k];
    }
}

static void add_up(void *data, int64_t first, int64_t end) {
    const od_loss_loop *loop = data;
    int64_t rows = (loop->count + od_row - 1) / od_row;
    for (int64_t chunk = first; chunk < end; chunk++) {
        od_loss_sums sums = {0};
        for (int64_t row = chunk * rows / od_chunks; row < (chunk + 1) * rows / od_chunks; row++) {
            int64_t start = row * od_row, length = loop->count - start < od_row ? loop->count - start : od_row;
            row_sums(length, loop->logits + start, loop->masks + start, loop->probabilities + start, &sums);
        }
        loop->parts[chunk] = sums;
    }
}

od_loss_sums od_loss(int64_t count, const float *logits, const float *masks, float *probabilities) {
    od_loss_sums parts[od_chunks], sums = {0};
    od_loss_loop loop = {count, logits, masks, probabilities, parts};
    od_parallel(od_chunks, add_up, &loop);
    for (int chunk = 0; chunk < od_chunks; chunk++) {
        sums.entropy += parts[chunk].entropy;
        sums.overlap += parts[chunk].overlap;
        sums.predicted += parts[chunk].predicted;
        sums.present += parts[chunk].present;
    }
    return sums;
}

typedef struct {
    int64_t count;
    od_loss_slopes slopes;
    const float *probabilities, *masks;
    float *gradients;
} od_slope_loop;

OD_VECTOR static void slopes_of(void *data, int64_t first, int64_t end) {
    od_slope_loop l = *(const od_slope_loop *)data;
    int64_t last = end * od_row < l.count ? end * od_row : l.count;
    for (int64_t i = first * od_row; i < last; i++) {
        float p = l.probabilities[i], g = l.masks[i];
        l.gradients[i] =
            (p - g) * l.slopes.entropy + (l.slopes.on_mask * g + l.slopes.everywhere) * p * (1 - p);
    }
}

void od_loss_gradients(
    int64_t count, od_loss_slopes slopes, const float *probabilities, const float *masks, float *gradients) {
    od_slope_loop loop = {count, slopes, probabilities, masks, gradients};
    od_parallel((count + od_row - 1) / od_row, slopes_of, &loop);
}
