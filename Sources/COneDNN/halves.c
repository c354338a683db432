// The two 16-bit formats: rounding to nearest, ties to even, and widening back.
//
// In integers: a compiler for every x86-64 has no instruction for IEEE half, and its runtime may lack the functions.
#include "context.h"
#include "vector.h"

OD_VECTOR static void pack_bf16(int64_t count, const float *values, uint16_t *packed) {
    for (int64_t i = 0; i < count; i++) packed[i] = (uint16_t)(rounded_bits(values[i]) >> 16);
}

OD_VECTOR static void unpack_bf16(int64_t count, const uint16_t *packed, float *values) {
    for (int64_t i = 0; i < count; i++) values[i] = widen(packed[i]);
}

/// IEEE half: 5 bits of exponent with bias 15, 10 of fraction; from 65520 on a value is infinite.
static inline uint16_t half_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint32_t sign = (bits >> 16) & 0x8000u, magnitude = bits & 0x7fffffffu;
    // Normal: the exponent's bias falls by 112, and half of the last place that stays is added before the cut.
    uint32_t normal = (magnitude - (112u << 23) + 0xfffu + ((magnitude >> 13) & 1u)) >> 13;
    // Below 2^-14: added to 0.5, whose last place is 2^-24, the sum is rounded by the hardware.
    float shifted, half = 0.5f;
    memcpy(&shifted, &magnitude, sizeof shifted);
    shifted += half;
    uint32_t subnormal;
    memcpy(&subnormal, &shifted, sizeof subnormal);
    subnormal -= 0x3f000000u;
    uint32_t finite = magnitude < (113u << 23) ? subnormal : normal;
    uint32_t result = magnitude >= 0x47800000u ? 0x7c00u : finite;
    result = magnitude > 0x7f800000u ? 0x7e00u : result;
    return (uint16_t)(sign | result);
}

static inline float half_value(uint16_t half) {
    uint32_t magnitude = (uint32_t)(half & 0x7fffu) << 13;
    float value, scale = 0x1p112f;
    memcpy(&value, &magnitude, sizeof value);
    value *= scale;
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits = magnitude >= (0x7c00u << 13) ? magnitude | 0x7f800000u : bits;
    bits |= (uint32_t)(half & 0x8000u) << 16;
    memcpy(&value, &bits, sizeof value);
    return value;
}

OD_VECTOR static void pack_f16(int64_t count, const float *values, uint16_t *packed) {
    for (int64_t i = 0; i < count; i++) packed[i] = half_bits(values[i]);
}

OD_VECTOR static void unpack_f16(int64_t count, const uint16_t *packed, float *values) {
    for (int64_t i = 0; i < count; i++) values[i] = half_value(packed[i]);
}

typedef struct {
    od_type type;
    int64_t count;
    float *values;
    uint16_t *packed;
} od_halves;

enum { od_share = 1024 };

static int64_t share_of(const od_halves *s, int64_t first, int64_t end, int64_t *length) {
    int64_t start = first * od_share, last = end * od_share < s->count ? end * od_share : s->count;
    *length = last - start;
    return start;
}

static void pack_shares(void *data, int64_t first, int64_t end) {
    const od_halves *s = data;
    int64_t length, start = share_of(s, first, end, &length);
    if (s->type == od_f16) pack_f16(length, s->values + start, s->packed + start);
    else pack_bf16(length, s->values + start, s->packed + start);
}

static void unpack_shares(void *data, int64_t first, int64_t end) {
    const od_halves *s = data;
    int64_t length, start = share_of(s, first, end, &length);
    if (s->type == od_f16) unpack_f16(length, s->packed + start, s->values + start);
    else unpack_bf16(length, s->packed + start, s->values + start);
}

void od_pack(od_type type, int64_t count, const float *values, uint16_t *packed) {
    od_halves halves = {type, count, (float *)values, packed};
    od_parallel((count + od_share - 1) / od_share, pack_shares, &halves);
}

void od_unpack(od_type type, int64_t count, const uint16_t *packed, float *values) {
    od_halves halves = {type, count, values, (uint16_t *)packed};
    od_parallel((count + od_share - 1) / od_share, unpack_shares, &halves);
}

OD_VECTOR static void round_f16(int64_t count, float *values) {
    for (int64_t i = 0; i < count; i++) values[i] = half_value(half_bits(values[i]));
}

OD_VECTOR static void round_bf16(int64_t count, float *values) {
    for (int64_t i = 0; i < count; i++) {
        uint32_t bits = rounded_bits(values[i]) & 0xffff0000u;
        memcpy(&values[i], &bits, sizeof bits);
    }
}

void od_round(od_type type, int64_t count, float *values) {
    if (type == od_f16) round_f16(count, values);
    if (type == od_bf16) round_bf16(count, values);
}

OD_VECTOR bool od_unscale(int64_t count, float factor, float *values) {
    // All bits of the exponent set: infinite, or no number.
    uint32_t bad = 0;
    for (int64_t i = 0; i < count; i++) {
        float value = values[i] * factor;
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        bad |= (uint32_t)((bits & 0x7f800000u) == 0x7f800000u);
        values[i] = value;
    }
    return bad == 0;
}
