// Gradient of the weights of a direct 3x3 convolution in pairs of a block of sixteen inputs and one of outputs.
#pragma once

#include "context.h"
#include "pixel.h"

enum { taps = 9 };

typedef struct od_weights_gradient od_weights_gradient;

/// Adds rows of an image from `first` to `end`: to part[tap][input], vectors of outputs, from the planes of a block of
/// inputs and one of outputs, which begin so many elements from the activations' start.
typedef void od_add_rows(
    const od_weights_gradient *s, int64_t src, int64_t diff, int first, int end, od_pixel *part);

struct od_weights_gradient {
    od_convolution shape;
    const od_context *context;
    const void *src, *diff;
    float *gradient;
    od_add_rows *add;
    /// Rows that `add` takes at once, blocks of channels, and in how many parts the rows of a pair are summed.
    int rows, inputs, outputs, chunks;
};

od_add_rows od_add_rows_f32, od_add_rows_bf16;
