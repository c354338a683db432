// Gradient of the weights of a direct 3x3 convolution in pairs of a block of sixteen inputs and one of outputs.
#pragma once

#include "context.h"
#include "pixel.h"

enum { taps = 9 };

typedef struct {
    od_convolution shape;
    const od_context *context;
    const void *src, *diff;
    float *gradient;
    /// Blocks of channels, and in how many parts the rows of a pair are summed.
    int inputs, outputs, chunks;
} od_weights_gradient;

/// Sums of a part of the rows: [tap][input] are vectors of outputs. A part's place in the scratch memory.
static inline od_pixel *od_part(const od_weights_gradient *s, int64_t pair, int64_t chunk) {
    return (od_pixel *)s->context->scratch + (pair * s->chunks + chunk) * taps * channels;
}

/// Whether there is a loop of these for the convolution, and it is faster than oneDNN's pass.
bool od_is_weights_loop(const od_convolution *shape);
/// Sums in bf16 the parts from `first` to `end` of all pairs, for od_parallel.
od_body od_add_chunks_bf16;
