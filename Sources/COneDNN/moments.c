// Statistics of normalisation over several processes: what each has of them, and what flows back through them.
#include "context.h"
#include "vector.h"

/// Sums of a row of pixels and of the squares of its deviations from `centre`.
OD_VECTOR static void row_f32(
    int64_t pixels, int block, const float *data, const float *centre, float *sums, float *squares) {
    for (int64_t p = 0; p < pixels; p++)
        for (int b = 0; b < block; b++) {
            float difference = data[p * block + b] - centre[b];
            sums[b] += difference;
            squares[b] += difference * difference;
        }
}

OD_VECTOR static void row_bf16(
    int64_t pixels, int block, const uint16_t *data, const float *centre, float *sums, float *squares) {
    for (int64_t p = 0; p < pixels; p++)
        for (int b = 0; b < block; b++) {
            float difference = widen(data[p * block + b]) - centre[b];
            sums[b] += difference;
            squares[b] += difference * difference;
        }
}

void od_channel_moments(od_type type, int n, int c, int64_t pixels, const void *data, double *sums, double *squares) {
    int block = od_block(), blocks = (c + block - 1) / block;
    // Deviations from the channel's own first guess, the sum over the images, lose no digits to a large mean. A row is
    // summed in f32, rows in f64.
    const int64_t row = 256;
    float guess[c];
    od_sum_channels(type, n, c, pixels, data, guess);
    double count = (double)n * (double)pixels;
    for (int index = 0; index < blocks; index++) {
        float centre[16] = {0};
        double total[16] = {0}, spread[16] = {0};
        for (int b = 0; b < block && index * block + b < c; b++) centre[b] = (float)(guess[index * block + b] / count);
        for (int image = 0; image < n; image++) {
            int64_t offset = ((int64_t)image * blocks + index) * pixels * block;
            for (int64_t start = 0; start < pixels; start += row) {
                int64_t length = pixels - start < row ? pixels - start : row, place = offset + start * block;
                float part[16] = {0}, square[16] = {0};
                if (type == od_bf16) row_bf16(length, block, (const uint16_t *)data + place, centre, part, square);
                else row_f32(length, block, (const float *)data + place, centre, part, square);
                for (int b = 0; b < block; b++) {
                    total[b] += part[b];
                    spread[b] += square[b];
                }
            }
        }
        for (int b = 0; b < block && index * block + b < c; b++) {
            // sum x = sum d + n m; sum x^2 = sum d^2 + 2 m sum d + n m^2, with d = x - m.
            double m = centre[b];
            sums[index * block + b] = total[b] + count * m;
            squares[index * block + b] = spread[b] + 2 * m * total[b] + count * m * m;
        }
    }
}

OD_VECTOR static void flow_f32(
    int64_t pixels, int block, const float *data, const float *mean, const float *offset, const float *slope,
    float *diff) {
    for (int64_t p = 0; p < pixels; p++)
        for (int b = 0; b < block; b++)
            diff[p * block + b] -= offset[b] + slope[b] * (data[p * block + b] - mean[b]);
}

OD_VECTOR static void flow_bf16(
    int64_t pixels, int block, const uint16_t *data, const float *mean, const float *offset, const float *slope,
    uint16_t *diff) {
    for (int64_t p = 0; p < pixels; p++)
        for (int b = 0; b < block; b++) {
            float flow = offset[b] + slope[b] * (widen(data[p * block + b]) - mean[b]);
            diff[p * block + b] = (uint16_t)(rounded_bits(widen(diff[p * block + b]) - flow) >> 16);
        }
}

void od_subtract_flow(
    od_type type, int n, int c, int64_t pixels, const void *data, const float *mean, const float *offset,
    const float *slope, void *diff) {
    int block = od_block(), blocks = (c + block - 1) / block;
    for (int index = 0; index < blocks; index++) {
        // The padding's offset and slope are zero, so that it stays zero.
        float m[16] = {0}, o[16] = {0}, s[16] = {0};
        for (int b = 0; b < block && index * block + b < c; b++) {
            m[b] = mean[index * block + b];
            o[b] = offset[index * block + b];
            s[b] = slope[index * block + b];
        }
        for (int image = 0; image < n; image++) {
            int64_t place = ((int64_t)image * blocks + index) * pixels * block;
            if (type == od_bf16)
                flow_bf16(pixels, block, (const uint16_t *)data + place, m, o, s, (uint16_t *)diff + place);
            else flow_f32(pixels, block, (const float *)data + place, m, o, s, (float *)diff + place);
        }
    }
}
