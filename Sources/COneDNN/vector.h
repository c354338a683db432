// What the small loops share: vectors, and bf16 as the upper half of an f32.
#pragma once

#include <stdint.h>
#include <string.h>

// target_clones: the package is built for every x86-64, the loops want the widest vectors that are there.
#if defined(__x86_64__)
#define OD_VECTOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define OD_VECTOR
#endif

static inline float widen(uint16_t value) {
    uint32_t bits = (uint32_t)value << 16;
    float result;
    memcpy(&result, &bits, sizeof result);
    return result;
}

static inline uint32_t rounded_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    // A NaN must stay one: rounding up could carry it into infinity.
    uint32_t nan = (bits & 0x7fffffffu) > 0x7f800000u;
    uint32_t rounded = bits + 0x7fffu + ((bits >> 16) & 1u);
    return nan ? (bits | 0x00400000u) : rounded;
}

/// Eight channels: half a block, or a whole one on AVX2.
typedef float od_lane __attribute__((vector_size(32)));
typedef uint32_t od_lane_bits __attribute__((vector_size(32)));
typedef uint16_t od_lane_packed __attribute__((vector_size(16)));
