#include "context.h"
#include "vector.h"

typedef struct {
    int64_t count;
    od_adam_step step;
    const float *gradients;
    float *first, *second, *values;
} od_update;

enum { od_share = 1024 };

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

OD_VECTOR static void update(void *data, int64_t first, int64_t end) {
    od_update u = *(const od_update *)data;
    int64_t i = first * od_share, last = end * od_share < u.count ? end * od_share : u.count;
    for (; i + 8 <= last; i += 8) update_lane(&u, i, sizeof(od_lane));
    if (i < last) update_lane(&u, i, (size_t)(last - i) * sizeof(float));
}

void od_adam(
    int64_t count, od_adam_step step, const float *gradients, float *first, float *second, float *values) {
    od_update update_all = {count, step, gradients, first, second, values};
    od_parallel((count + od_share - 1) / od_share, update, &update_all);
}
