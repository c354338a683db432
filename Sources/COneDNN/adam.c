#include "COneDNN.h"
#include "vector.h"

OD_VECTOR void od_adam(
    int64_t count, od_adam_step s, const float *gradients, float *first, float *second, float *values) {
    // Eight at a time, the rest one by one through the same vectors: an element's result knows no position.
    for (int64_t i = 0; i < count; i += 8) {
        size_t bytes = count - i < 8 ? (size_t)(count - i) * sizeof(float) : sizeof(od_lane);
        od_lane g = {0}, m = {0}, v = {0}, value = {0};
        memcpy(&g, gradients + i, bytes);
        memcpy(&m, first + i, bytes);
        memcpy(&v, second + i, bytes);
        memcpy(&value, values + i, bytes);
        m = s.beta1 * m + (1 - s.beta1) * g;
        v = s.beta2 * v + (1 - s.beta2) * g * g;
        value -= s.rate * m / (__builtin_elementwise_sqrt(v) / s.correction + s.epsilon);
        memcpy(first + i, &m, bytes);
        memcpy(second + i, &v, bytes);
        memcpy(values + i, &value, bytes);
    }
}
