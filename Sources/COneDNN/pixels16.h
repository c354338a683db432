// Two pixels of sixteen channels in bf16: a vector of pairs of channels, which becomes two vectors of f32 without a
// shuffle, the even channels of both pixels and the odd ones.
#pragma once

#include <stdint.h>

#include "pixel.h"

typedef struct {
    od_pixel even, odd;
} od_pixels;

#if defined(__x86_64__)
#include <immintrin.h>

/// Two pixels, or one and a pixel of zeros.
OD_AVX512 OD_INLINE __m512i od_load_pixels(const uint16_t *from, bool are_two) {
    return are_two ? _mm512_loadu_si512(from) : _mm512_zextsi256_si512(_mm256_loadu_si256((const __m256i *)from));
}

/// Both as f32, zero where a mask has no bit.
OD_AVX512 OD_INLINE od_pixels od_widen_where(__mmask16 even, __mmask16 odd, __m512i pixels) {
    __m512i upper = _mm512_set1_epi32((int)0xffff0000u);
    return (od_pixels){
        (od_pixel)_mm512_maskz_slli_epi32(even, pixels, 16), (od_pixel)_mm512_maskz_and_epi32(odd, pixels, upper)};
}

OD_AVX512 OD_INLINE od_pixels od_widen_pixels(__m512i pixels) { return od_widen_where(0xffff, 0xffff, pixels); }

/// Both rounded to bf16, even and odd values in turn.
OD_BF16 OD_INLINE __m512i od_round_pixels(od_pixels values) {
    const __m512i order = _mm512_set_epi16(
        31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16,
        0);
    __m512bh both = _mm512_cvtne2ps_pbh((__m512)values.odd, (__m512)values.even);
    return _mm512_permutexvar_epi16(order, (__m512i)both);
}

/// A value for each channel, for both pixels.
OD_AVX512 OD_INLINE od_pixels od_spread(const float *values) {
    od_pixel all;
    memcpy(&all, values, sizeof all);
    return (od_pixels){
        __builtin_shufflevector(all, all, 0, 2, 4, 6, 8, 10, 12, 14, 0, 2, 4, 6, 8, 10, 12, 14),
        __builtin_shufflevector(all, all, 1, 3, 5, 7, 9, 11, 13, 15, 1, 3, 5, 7, 9, 11, 13, 15)};
}

/// The sum of both pixels, channel by channel.
OD_AVX512 OD_INLINE void od_gather(od_pixels sums, float *total) {
    for (int i = 0; i < channels / 2; i++) {
        total[2 * i] = sums.even[i] + sums.even[i + channels / 2];
        total[2 * i + 1] = sums.odd[i] + sums.odd[i + channels / 2];
    }
}
#endif
