#include "context.h"
#include "vector.h"

typedef struct {
    int64_t count;
    od_adam_step step;
    const float *gradients;
    float *first, *second, *values;
    od_half_weights halves;
} od_update;

/// A tap of a block, rounded at once: the memory then always has something to do.
enum { od_share = 256 };

/// Eight values, or fewer of the last: the rest goes through the same vectors, an element's result knows no position.
static inline __attribute__((always_inline)) void update_lane(const od_update *u, int64_t i, size_t bytes) {
    od_adam_step s = u->step;
    od_lane g = {0}, m = {0}, v = {0}, value = {0};
    memcpy(&g, u->gradients + i, bytes);
    memcpy(&m, u->first + i, bytes);
    memcpy(&v, u->second + i, bytes);
    memcpy(&value, u->values + i, bytes);
    m = s.beta1 * m + (1 - s.beta1) * g;
    v = s.beta2 * v + (1 - s.beta2) * g * g;
    value -= s.rate * m / (__builtin_elementwise_sqrt(v) / s.correction + s.epsilon);
    memcpy(u->first + i, &m, bytes);
    memcpy(u->second + i, &v, bytes);
    memcpy(u->values + i, &value, bytes);
}

OD_VECTOR static void update_share(const od_update *of, int64_t i, int64_t last) {
    od_update u = *of;
    for (; i + 8 <= last; i += 8) {
        // A share ahead, by lines of sixteen floats: between two shares nothing else asks for what comes next.
        if (i % 16 == 0) {
            __builtin_prefetch(u.first + i + od_share, 1, 2);
            __builtin_prefetch(u.second + i + od_share, 1, 2);
            __builtin_prefetch(u.values + i + od_share, 1, 2);
        }
        update_lane(&u, i, sizeof(od_lane));
    }
    if (i < last) update_lane(&u, i, (size_t)(last - i) * sizeof(float));
}

static void update(void *data, int64_t first, int64_t end) {
    const od_update *u = data;
    for (int64_t share = first; share < end; share++) {
        int64_t i = share * od_share, last = i + od_share < u->count ? i + od_share : u->count;
        update_share(u, i, last);
        if (!u->halves.columns) continue;
        od_halve(last - i, u->values + i, (od_half_weights){u->halves.columns + i, u->halves.rows + i});
    }
}

void od_adam(
    int64_t count, od_adam_step step, const float *gradients, float *first, float *second, float *values,
    od_half_weights halves) {
    od_update update_all = {count, step, gradients, first, second, values, halves};
    od_parallel((count + od_share - 1) / od_share, update, &update_all);
}
