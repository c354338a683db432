// Gradient of the first convolution's weights: with one channel for a source it is nine sums over the gradient.
#include "context.h"
#include "vector.h"

typedef struct {
    od_type type;
    int n, block, blocks, index, h, w;
    const float *image;
    const void *diff;
    double (*parts)[9][16];
} od_first;

/// One row of pixels against three rows of the image, for eight output channels.
OD_VECTOR static void first_row(
    int w, int stride, const float *above, const float *here, const float *below, const float *diff, od_lane *taps) {
    const float *rows[3] = {above, here, below};
    for (int y = 0; y < 3; y++) {
        if (!rows[y]) continue;
        od_lane left = taps[3 * y], middle = taps[3 * y + 1], right = taps[3 * y + 2];
        for (int x = 0; x < w; x++) {
            od_lane gradient;
            memcpy(&gradient, diff + (int64_t)x * stride, sizeof gradient);
            if (x > 0) left += gradient * rows[y][x - 1];
            middle += gradient * rows[y][x];
            if (x + 1 < w) right += gradient * rows[y][x + 1];
        }
        taps[3 * y] = left;
        taps[3 * y + 1] = middle;
        taps[3 * y + 2] = right;
    }
}

/// A row is summed in f32, rows in f64.
static void add_rows(void *data, int64_t first, int64_t end) {
    const od_first *s = data;
    // A row of widened values, on the stack since a step asks for no memory; f32 is read where it lies.
    float wide[s->type == od_bf16 ? s->w * s->block : 1];
    int64_t rows = (int64_t)s->n * s->h;
    for (int64_t chunk = first; chunk < end; chunk++) {
        double total[9][16] = {{0}};
        for (int64_t row = chunk * rows / od_chunks; row < (chunk + 1) * rows / od_chunks; row++) {
            int64_t i = row / s->h, y = row % s->h;
            int64_t offset = (((i * s->blocks + s->index) * s->h + y) * s->w) * s->block;
            const float *gradient = (const float *)s->diff + offset, *here = s->image + row * s->w;
            if (s->type == od_bf16) {
                const uint16_t *packed = (const uint16_t *)s->diff + offset;
                for (int64_t k = 0; k < (int64_t)s->w * s->block; k++) wide[k] = widen(packed[k]);
                gradient = wide;
            }
            for (int half = 0; half < s->block; half += 8) {
                od_lane taps[9] = {{0}};
                first_row(
                    s->w, s->block, y > 0 ? here - s->w : NULL, here, y + 1 < s->h ? here + s->w : NULL, gradient + half,
                    taps);
                for (int t = 0; t < 9; t++)
                    for (int b = 0; b < 8; b++) total[t][half + b] += taps[t][b];
            }
        }
        memcpy(s->parts[chunk], total, sizeof total);
    }
}

void od_first_weights(od_type type, int n, int oc, int h, int w, const float *image, const void *diff, float *weights) {
    double parts[od_chunks][9][16];
    int block = od_block();
    od_first loop = {type, n, block, (oc + block - 1) / block, 0, h, w, image, diff, parts};
    for (; loop.index < loop.blocks; loop.index++) {
        od_parallel(od_chunks, add_rows, &loop);
        for (int b = 0; b < block && loop.index * block + b < oc; b++)
            for (int t = 0; t < 9; t++) {
                double total = 0;
                for (int chunk = 0; chunk < od_chunks; chunk++) total += parts[chunk][t][b];
                weights[(loop.index * block + b) * 9 + t] = (float)total;
            }
    }
}
