// Winograd's F(4x4, 3x3) (Lavin and Gray, CVPR 2016) from one block of sixteen channels to one.
//
// oneDNN's kernel is made for many channels; with a single block it spends most of its time on memory. Here a pixel is
// a vector, and a strip of eight tiles stays in the first cache from one transform to the other.
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "pixel.h"

enum { strip = 8, products = 36 };

typedef struct {
    od_convolution shape;
    const float *src, *weights;
    float *dst;
    bool accumulate, backward;
    int inputs, outputs;
    od_pixel *transformed;
} od_block_convolution;

bool od_is_one_block(const od_convolution *s) {
    return s->type == od_f32 && s->k == 3 && !s->plain_source && od_block() == channels && od_padded(s->ic) == channels
        && od_padded(s->oc) == channels;
}

/// A tap of the kernel by the channels that are read and written; for the gradient of the source it is turned round.
OD_INLINE float tap(const od_block_convolution *s, int input, int output, int y, int x) {
    if (s->backward) return s->weights[od_place(&s->shape, input, output, 8 - (3 * y + x))];
    return s->weights[od_place(&s->shape, output, input, 3 * y + x)];
}

/// G g for three values of a kernel.
static void kernel_line(const float *g, int from, float *u, int to) {
    float sum = g[0] + g[2 * from], wide = g[0] / 4 + g[2 * from];
    u[0] = g[0] / 4;
    u[to] = -(sum + g[from]) / 6;
    u[2 * to] = -(sum - g[from]) / 6;
    u[3 * to] = (wide + g[from] / 2) / 6;
    u[4 * to] = (wide - g[from] / 2) / 6;
    u[5 * to] = g[2 * from];
}

/// G g G' of every pair of channels, before each run since the weights have changed.
static void transform_weights(od_op *op) {
    od_block_convolution *s = op->own;
    float *target = (float *)s->transformed;
    for (int input = 0; input < s->inputs; input++)
        for (int output = 0; output < s->outputs; output++) {
            float g[9], half[18], u[products];
            for (int y = 0; y < 3; y++)
                for (int x = 0; x < 3; x++) g[3 * y + x] = tap(s, input, output, y, x);
            for (int x = 0; x < 3; x++) kernel_line(g + x, 3, half + x, 3);
            for (int y = 0; y < 6; y++) kernel_line(half + 3 * y, 1, u + 6 * y, 1);
            for (int k = 0; k < products; k++) target[(k * channels + input) * channels + output] = u[k];
        }
}

/// B' d for six pixels.
OD_INLINE void input_line(const od_pixel *d, int from, od_pixel *t, int to) {
    od_pixel even = d[4 * from] - 4 * d[2 * from], odd = d[3 * from] - 4 * d[from];
    od_pixel near = d[4 * from] - d[2 * from], far = 2 * (d[3 * from] - d[from]);
    t[0] = 4 * d[0] - 5 * d[2 * from] + d[4 * from];
    t[to] = even + odd;
    t[2 * to] = even - odd;
    t[3 * to] = near + far;
    t[4 * to] = near - far;
    t[5 * to] = 4 * d[from] - 5 * d[3 * from] + d[5 * from];
}

/// A' m for six products.
OD_INLINE void output_line(const od_pixel *m, int from, od_pixel *y, int to) {
    od_pixel sum = m[from] + m[2 * from], difference = m[from] - m[2 * from];
    od_pixel far = m[3 * from] + m[4 * from], lean = m[3 * from] - m[4 * from];
    y[0] = m[0] + sum + far;
    y[to] = difference + 2 * lean;
    y[2 * to] = sum + 4 * far;
    y[3 * to] = difference + 8 * lean + m[5 * from];
}

/// Six by six pixels around the tile at (y, x), black outside the image, to their place in the strip.
OD_INLINE void read_tile(const od_block_convolution *s, int image, int y, int x, od_pixel *target) {
    od_pixel lines[products];
    int h = s->shape.h, w = s->shape.w;
    const float *src = s->src + (int64_t)image * h * w * channels;
    bool is_inside = y > 0 && x > 0 && y + 5 <= h && x + 5 <= w;
    for (int column = 0; column < 6; column++) {
        od_pixel d[6];
        for (int row = 0; row < 6; row++) {
            int down = y + row - 1, across = x + column - 1;
            if (is_inside || (down >= 0 && down < h && across >= 0 && across < w))
                memcpy(&d[row], src + ((int64_t)down * w + across) * channels, sizeof *d);
            else memset(&d[row], 0, sizeof *d);
        }
        input_line(d, 1, lines + column, 6);
    }
    for (int row = 0; row < 6; row++) input_line(lines + 6 * row, 1, target + 6 * row * strip, strip);
}

/// The products of a strip in place of what they are of.
OD_INLINE void multiply(const od_block_convolution *s, od_pixel *tiles) {
    for (int k = 0; k < products; k++) {
        const od_pixel *u = s->transformed + k * channels;
        od_pixel sums[strip], *own = tiles + k * strip;
        memset(sums, 0, sizeof sums);
        for (int input = 0; input < channels; input++)
            for (int tile = 0; tile < strip; tile++) {
                // From memory: a channel of a vector in a register would have to be shuffled to all places.
                float value;
                memcpy(&value, (const char *)(own + tile) + sizeof(float) * input, sizeof value);
                sums[tile] += value * u[input];
            }
        for (int tile = 0; tile < strip; tile++) own[tile] = sums[tile];
    }
}

/// Four by four pixels of the result, as far as they are in the image.
OD_INLINE void write_tile(const od_block_convolution *s, int image, int y, int x, const od_pixel *products_of_tile) {
    od_pixel lines[24];
    int h = s->shape.h, w = s->shape.w;
    float *dst = s->dst + (int64_t)image * h * w * channels;
    for (int column = 0; column < 6; column++)
        output_line(products_of_tile + column * strip, 6 * strip, lines + column, 6);
    for (int row = 0; row < 4 && y + row < h; row++) {
        od_pixel result[4];
        output_line(lines + 6 * row, 1, result, 1);
        for (int column = 0; column < 4 && x + column < w; column++) {
            float *target = dst + ((int64_t)(y + row) * w + x + column) * channels;
            if (s->accumulate) {
                od_pixel old;
                memcpy(&old, target, sizeof old);
                result[column] += old;
            }
            memcpy(target, &result[column], sizeof *result);
        }
    }
}

OD_AVX512 static void run_rows(void *data, int64_t first, int64_t end) {
    const od_block_convolution *s = data;
    int rows = (s->shape.h + 3) / 4, columns = (s->shape.w + 3) / 4;
    od_pixel tiles[products * strip];
    memset(tiles, 0, sizeof tiles);
    for (int64_t unit = first; unit < end; unit++) {
        int image = (int)(unit / rows), y = (int)(unit % rows) * 4;
        for (int column = 0; column < columns; column += strip) {
            int count = columns - column < strip ? columns - column : strip;
            for (int tile = 0; tile < count; tile++) read_tile(s, image, y, (column + tile) * 4, tiles + tile);
            multiply(s, tiles);
            for (int tile = 0; tile < count; tile++) write_tile(s, image, y, (column + tile) * 4, tiles + tile);
        }
    }
}

static void run(od_op *op) {
    od_block_convolution *s = op->own;
    od_parallel((int64_t)s->shape.n * ((s->shape.h + 3) / 4), run_rows, s);
}

od_op *od_winograd_block(
    od_context *context, const od_convolution *shape, const void *src, const float *weights, void *dst, bool accumulate,
    bool backward) {
    void *transformed = od_zeroed(sizeof(od_pixel) * products * channels);
    if (!transformed) return NULL;
    od_block_convolution own = {*shape, src, weights, dst, accumulate, backward, shape->ic, shape->oc, transformed};
    if (backward) {
        own.inputs = shape->oc;
        own.outputs = shape->ic;
    }
    od_op *op = od_make_loop(context, "loop_wino_4x3:avx512_core", run, 0, &own, sizeof own);
    if (!op) {
        free(transformed);
        return NULL;
    }
    op->own_weights = transformed;
    op->prepare = transform_weights;
    return op;
}
