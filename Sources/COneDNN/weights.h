// Gradients of weights in pairs of a block of sixteen inputs and one of outputs: of a direct 3x3 convolution, and of a
// transposed one.
#pragma once

#include "context.h"
#include "pixel.h"

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
    return (od_pixel *)s->context->scratch + (pair * s->chunks + chunk) * od_taps * channels;
}

/// Whether there is a loop of these for the convolution, and it is faster than oneDNN's pass.
bool od_is_weights_loop(const od_convolution *shape);
/// Sums in bf16 for od_parallel: a unit is a part of all pairs with a block of inputs.
od_body od_add_units_bf16;

/// Sums in f64 of `count` vectors over parts that lie one after the other.
void od_add_parts(int count, int chunks, const od_pixel *parts, od_pixel *total);

/// Whether there is a loop for the gradient of a transposed convolution's weights, and the operation that runs it.
bool od_is_up_weights_loop(const od_up *shape);
od_op *od_up_weights_loop(
    od_context *context, const od_up *shape, const void *src, const void *diff_dst, float *diff_weights);
