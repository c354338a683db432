#include "context.h"
#include "weights.h"

// The bias stays outside: with it oneDNN 2.6 runs transposed convolutions many times slower.

/// Weights (ic, oc, 2, 2) as the net keeps them, which oneDNN sees as (oc, ic, 2, 2).
static dnnl_memory_desc_t kept_weights(const od_up *s) {
    dnnl_memory_desc_t memory;
    dnnl_dims_t dims = {s->oc, s->ic, 2, 2};
    if (s->blocked_weights) {
        dnnl_memory_desc_init_by_tag(&memory, 4, dims, dnnl_f32, dnnl_BAcd16a16b);
        return memory;
    }
    dnnl_dims_t strides = {4, 4 * (int64_t)s->oc, 2, 1};
    dnnl_memory_desc_init_by_strides(&memory, 4, dims, dnnl_f32, strides);
    return memory;
}

static dnnl_memory_desc_t any_weights(const od_up *s, dnnl_data_type_t type) {
    dnnl_memory_desc_t memory;
    dnnl_dims_t dims = {od_padded(s->oc), od_padded(s->ic), 2, 2};
    dnnl_memory_desc_init_by_tag(&memory, 4, dims, type, dnnl_format_tag_any);
    return memory;
}

static dnnl_memory_desc_t source(const od_up *s) {
    return od_blocked(s->type, s->n, od_padded(s->ic), s->h, s->w);
}

static dnnl_memory_desc_t target(const od_up *s) {
    return od_blocked(s->type, s->n, od_padded(s->oc), 2 * s->h, 2 * s->w);
}

static const dnnl_dims_t up_strides = {2, 2}, up_padding = {0, 0};

static dnnl_primitive_desc_t forward(od_context *context, const od_up *s) {
    dnnl_memory_desc_t src = source(s);
    dnnl_memory_desc_t dst = target(s);
    dnnl_memory_desc_t any = any_weights(s, od_data_type(s->type));
    dnnl_deconvolution_desc_t descriptor;
    if (dnnl_deconvolution_forward_desc_init(
            &descriptor, dnnl_forward_training, dnnl_deconvolution_direct, &src, &any, NULL, &dst, up_strides,
            up_padding, up_padding)
        != dnnl_success) {
        return NULL;
    }
    return od_describe(context, &descriptor, NULL, NULL);
}

od_op *od_up_forward(od_context *context, const od_up *s, const void *src, const float *weights, void *dst) {
    dnnl_primitive_desc_t description = forward(context, s);
    od_op *op = od_from_description(context, description);
    if (op) {
        dnnl_memory_desc_t from = source(s);
        dnnl_memory_desc_t to = target(s);
        dnnl_memory_desc_t kept = kept_weights(s);
        od_bind(context, &op->main, DNNL_ARG_SRC, &from, src);
        od_bind(context, &op->main, DNNL_ARG_DST, &to, dst);
        const dnnl_memory_desc_t *wanted = dnnl_primitive_desc_query_md(description, dnnl_query_weights_md, 0);
        if (od_weights_in(op, &kept, weights, wanted) != 0) {
            od_free(op);
            op = NULL;
        }
    }
    if (description) dnnl_primitive_desc_destroy(description);
    return op;
}

od_op *od_up_backward_data(
    od_context *context, const od_up *s, const void *diff_dst, const float *weights, void *diff_src) {
    dnnl_memory_desc_t src = source(s);
    dnnl_memory_desc_t dst = target(s);
    dnnl_memory_desc_t any = any_weights(s, od_data_type(s->type));
    dnnl_deconvolution_desc_t descriptor;
    if (dnnl_deconvolution_backward_data_desc_init(
            &descriptor, dnnl_deconvolution_direct, &src, &any, &dst, up_strides, up_padding, up_padding)
        != dnnl_success) {
        return NULL;
    }
    dnnl_primitive_desc_t hint = forward(context, s);
    dnnl_primitive_desc_t description = hint ? od_describe(context, &descriptor, hint, NULL) : NULL;
    od_op *op = od_from_description(context, description);
    if (op) {
        dnnl_memory_desc_t kept = kept_weights(s);
        od_bind(context, &op->main, DNNL_ARG_DIFF_DST, &dst, diff_dst);
        od_bind(context, &op->main, DNNL_ARG_DIFF_SRC, &src, diff_src);
        const dnnl_memory_desc_t *wanted = dnnl_primitive_desc_query_md(description, dnnl_query_weights_md, 0);
        if (od_weights_in(op, &kept, weights, wanted) != 0) {
            od_free(op);
            op = NULL;
        }
    }
    if (description) dnnl_primitive_desc_destroy(description);
    if (hint) dnnl_primitive_desc_destroy(hint);
    return op;
}

od_op *od_up_backward_weights(
    od_context *context, const od_up *s, const void *src, const void *diff_dst, float *diff_weights) {
    if (od_is_up_weights_loop(s)) return od_up_weights_loop(context, s, src, diff_dst, diff_weights);
    dnnl_memory_desc_t from = source(s);
    dnnl_memory_desc_t dst = target(s);
    dnnl_memory_desc_t any = any_weights(s, dnnl_f32);
    dnnl_deconvolution_desc_t descriptor;
    if (dnnl_deconvolution_backward_weights_desc_init(
            &descriptor, dnnl_deconvolution_direct, &from, &any, NULL, &dst, up_strides, up_padding, up_padding)
        != dnnl_success) {
        return NULL;
    }
    dnnl_primitive_desc_t hint = forward(context, s);
    dnnl_primitive_desc_t description = hint ? od_describe(context, &descriptor, hint, NULL) : NULL;
    od_op *op = od_from_description(context, description);
    if (op) {
        dnnl_memory_desc_t kept = kept_weights(s);
        od_bind(context, &op->main, DNNL_ARG_SRC, &from, src);
        od_bind(context, &op->main, DNNL_ARG_DIFF_DST, &dst, diff_dst);
        const dnnl_memory_desc_t *given = dnnl_primitive_desc_query_md(description, dnnl_query_diff_weights_md, 0);
        if (od_weights_out(op, &kept, diff_weights, given) != 0) {
            od_free(op);
            op = NULL;
        }
    }
    if (description) dnnl_primitive_desc_destroy(description);
    if (hint) dnnl_primitive_desc_destroy(hint);
    return op;
}
