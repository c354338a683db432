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

#define OD_ALWAYS static inline __attribute__((always_inline))

/// Eight channels' gradient of a pixel, in f32 or bf16.
OD_ALWAYS void read_lane(bool is_bf16, const void *diff, int64_t at, od_lane *lane) {
    if (is_bf16) {
        od_lane_packed packed;
        memcpy(&packed, (const uint16_t *)diff + at, sizeof packed);
        *lane = (od_lane)(__builtin_convertvector(packed, od_lane_bits) << 16);
    } else memcpy(lane, (const float *)diff + at, sizeof *lane);
}

/// Adds a pixel's gradient times its three by three neighbours, without those left or right of the image.
OD_ALWAYS void add_pixel(
    const float *const *rows, int x, bool left, bool right, const od_lane *gradient, od_lane *taps) {
    for (int y = 0; y < 3; y++) {
        if (left) taps[3 * y] += *gradient * rows[y][x - 1];
        taps[3 * y + 1] += *gradient * rows[y][x];
        if (right) taps[3 * y + 2] += *gradient * rows[y][x + 1];
    }
}

/// One row of pixels against three rows of the image: nine sums, as many as hide that one takes a few cycles.
OD_ALWAYS void add_row(
    bool is_bf16, int w, int stride, const float *const *rows, const void *diff, int64_t at, od_lane *taps) {
    od_lane sums[9] = {{0}}, gradient;
    read_lane(is_bf16, diff, at, &gradient);
    add_pixel(rows, 0, false, w > 1, &gradient, sums);
    for (int x = 1; x + 1 < w; x++) {
        read_lane(is_bf16, diff, at + (int64_t)x * stride, &gradient);
        add_pixel(rows, x, true, true, &gradient, sums);
    }
    if (w > 1) {
        read_lane(is_bf16, diff, at + (int64_t)(w - 1) * stride, &gradient);
        add_pixel(rows, w - 1, true, false, &gradient, sums);
    }
    memcpy(taps, sums, sizeof sums);
}

/// A row's sums for eight channels, whose first gradient lies `at` elements behind the start.
OD_VECTOR static void first_row(const od_first *s, const float *const *rows, int64_t at, od_lane *taps) {
    if (s->type == od_bf16) add_row(true, s->w, s->block, rows, s->diff, at, taps);
    else add_row(false, s->w, s->block, rows, s->diff, at, taps);
}

/// A row is summed in f32, rows in f64.
static void add_rows(void *data, int64_t first, int64_t end) {
    const od_first *s = data;
    // What is above and below the image.
    float black[s->w];
    memset(black, 0, sizeof black);
    int64_t rows = (int64_t)s->n * s->h;
    for (int64_t chunk = first; chunk < end; chunk++) {
        double total[9][16] = {{0}};
        for (int64_t row = chunk * rows / od_chunks; row < (chunk + 1) * rows / od_chunks; row++) {
            int64_t i = row / s->h, y = row % s->h;
            int64_t at = (((i * s->blocks + s->index) * s->h + y) * s->w) * s->block;
            const float *here = s->image + row * s->w;
            const float *seen[3] = {y > 0 ? here - s->w : black, here, y + 1 < s->h ? here + s->w : black};
            for (int half = 0; half < s->block; half += 8) {
                od_lane taps[9];
                first_row(s, seen, at + half, taps);
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
