#include <stdlib.h>

#include "context.h"
#include "vector.h"

// Inference in int8: channels last, since VNNI sums four neighbouring channels. Weights are symmetric with a scale for
// each output channel; a result is round(scale[c] * (sum + bias[c])) in the target's type, saturated.

static dnnl_memory_desc_t activation(int n, int c, int h, int w, bool is_signed) {
    dnnl_memory_desc_t memory;
    dnnl_dims_t dims = {n, c, h, w};
    dnnl_memory_desc_init_by_tag(&memory, 4, dims, is_signed ? dnnl_s8 : dnnl_u8, dnnl_nhwc);
    return memory;
}

static dnnl_memory_desc_t bias_of(int c) {
    dnnl_memory_desc_t memory;
    dnnl_dims_t dims = {c};
    dnnl_memory_desc_init_by_tag(&memory, 1, dims, dnnl_f32, dnnl_x);
    return memory;
}

static dnnl_memory_desc_t weights_of(const od_int8 *s, dnnl_format_tag_t tag) {
    dnnl_memory_desc_t memory;
    dnnl_dims_t dims = {s->oc, s->ic, s->k, s->k};
    dnnl_memory_desc_init_by_tag(&memory, 4, dims, dnnl_s8, tag);
    return memory;
}

static dnnl_primitive_desc_t describe(od_context *context, const od_int8 *s, const float *scales) {
    int grow = s->transposed ? 2 : 1;
    dnnl_memory_desc_t src = activation(s->n, s->ic, s->h, s->w, s->signed_source);
    dnnl_memory_desc_t dst = activation(s->n, s->oc, s->h * grow, s->w * grow, s->signed_target);
    dnnl_memory_desc_t weights = weights_of(s, dnnl_format_tag_any), bias = bias_of(s->oc);
    dnnl_dims_t one = {1, 1}, two = {2, 2}, none = {0, 0}, padding = {s->k / 2, s->k / 2};
    dnnl_convolution_desc_t convolution;
    dnnl_deconvolution_desc_t up;
    dnnl_status_t status = s->transposed
        ? dnnl_deconvolution_forward_desc_init(
            &up, dnnl_forward_inference, dnnl_deconvolution_direct, &src, &weights, &bias, &dst, two, none, none)
        : dnnl_convolution_forward_desc_init(
            &convolution, dnnl_forward_inference, dnnl_convolution_direct, &src, &weights, &bias, &dst, one, padding,
            padding);
    if (status != dnnl_success) return NULL;
    dnnl_primitive_attr_t attr = NULL;
    dnnl_primitive_attr_create(&attr);
    dnnl_primitive_attr_set_output_scales(attr, s->oc, 1 << 1, scales);
    dnnl_post_ops_t relu = NULL;
    if (!s->signed_target) {
        dnnl_post_ops_create(&relu);
        dnnl_post_ops_append_eltwise(relu, 1, dnnl_eltwise_relu, 0, 0);
        dnnl_primitive_attr_set_post_ops(attr, relu);
        dnnl_post_ops_destroy(relu);
    }
    dnnl_primitive_desc_t description
        = od_describe(context, s->transposed ? (void *)&up : (void *)&convolution, NULL, attr);
    dnnl_primitive_attr_destroy(attr);
    return description;
}

od_op *od_int8_convolution(
    od_context *context, const od_int8 *s, const void *src, const int8_t *weights, const float *bias,
    const float *scales, void *dst) {
    dnnl_primitive_desc_t description = describe(context, s, scales);
    od_op *op = od_from_description(context, description);
    if (op) {
        const dnnl_memory_desc_t *from = dnnl_primitive_desc_query_md(description, dnnl_query_src_md, 0);
        const dnnl_memory_desc_t *to = dnnl_primitive_desc_query_md(description, dnnl_query_dst_md, 0);
        const dnnl_memory_desc_t *wanted = dnnl_primitive_desc_query_md(description, dnnl_query_weights_md, 0);
        dnnl_memory_desc_t plain = weights_of(s, dnnl_oihw), offsets = bias_of(s->oc);
        od_bind(context, &op->main, DNNL_ARG_SRC, from, src);
        od_bind(context, &op->main, DNNL_ARG_DST, to, dst);
        od_bind(context, &op->main, DNNL_ARG_BIAS, &offsets, bias);
        if (od_weights_once(op, &plain, weights, wanted) != 0) {
            od_free(op);
            op = NULL;
        }
    }
    if (description) dnnl_primitive_desc_destroy(description);
    return op;
}

od_op *od_int8_pool(od_context *context, int n, int c, int h, int w, const void *src, void *dst) {
    dnnl_memory_desc_t from = activation(n, c, h, w, false), to = activation(n, c, h / 2, w / 2, false);
    dnnl_dims_t two = {2, 2}, none = {0, 0};
    dnnl_pooling_desc_t descriptor;
    if (dnnl_pooling_forward_desc_init(
            &descriptor, dnnl_forward_inference, dnnl_pooling_max, &from, &to, two, two, none, none)
        != dnnl_success) {
        return NULL;
    }
    od_op *op = od_make(context, &descriptor, NULL, NULL);
    if (!op) return NULL;
    od_bind(context, &op->main, DNNL_ARG_SRC, &from, src);
    od_bind(context, &op->main, DNNL_ARG_DST, &to, dst);
    return op;
}

OD_VECTOR float od_peak(int64_t count, const float *values) {
    float peak = 0;
    for (int64_t i = 0; i < count; i++) {
        float size = values[i] < 0 ? -values[i] : values[i];
        peak = size > peak ? size : peak;
    }
    return peak;
}

OD_VECTOR void od_int8_quantize(int64_t count, float factor, bool is_signed, const float *values, void *quantized) {
    float low = is_signed ? -127 : 0, high = is_signed ? 127 : 255;
    for (int64_t i = 0; i < count; i++) {
        // Moved above zero, where the conversion's cut is a rounding down; both types keep the lower eight bits.
        float scaled = values[i] * factor;
        scaled = scaled > low ? scaled : low;
        scaled = scaled < high ? scaled : high;
        ((uint8_t *)quantized)[i] = (uint8_t)((int)(scaled + 128.5f) - 128);
    }
}

void od_int8_repeat(int n, int c, int h, int w, const void *src, void *dst) {
    size_t pixel = (size_t)c, row = 2 * (size_t)w * pixel;
    for (int64_t y = 0; y < (int64_t)n * h; y++) {
        const char *from = (const char *)src + (size_t)y * w * pixel;
        char *to = (char *)dst + 2 * (size_t)y * row;
        for (int x = 0; x < 2 * w; x++) memcpy(to + x * pixel, from + x / 2 * pixel, pixel);
        memcpy(to + row, to, row);
    }
}

void od_int8_append(int64_t pixels, int c, const uint8_t *first, const uint8_t *second, uint8_t *joined) {
    for (int64_t p = 0; p < pixels; p++) {
        memcpy(joined + 2 * p * c, first + p * c, (size_t)c);
        memcpy(joined + (2 * p + 1) * c, second + p * c, (size_t)c);
    }
}

OD_VECTOR void od_int8_join(int64_t pixels, int c, const uint8_t *skip, const int8_t *up, int8_t *joined) {
    for (int64_t p = 0; p < pixels; p++) {
        int8_t *left = joined + 2 * p * c;
        for (int k = 0; k < c; k++) {
            int halved = (skip[p * c + k] + 1) >> 1;
            left[k] = (int8_t)(halved < 127 ? halved : 127);
        }
        memcpy(left + c, up + p * c, (size_t)c);
    }
}

OD_VECTOR void od_int8_head(
    int64_t pixels, int c, const uint8_t *features, const float *weights, float bias, float *logits) {
    for (int64_t p = 0; p < pixels; p++) {
        float sum = bias;
        for (int k = 0; k < c; k++) sum += weights[k] * features[p * c + k];
        logits[p] = sum;
    }
}
