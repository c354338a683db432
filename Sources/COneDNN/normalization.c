#include "context.h"

static const unsigned od_flags = dnnl_use_scale | dnnl_use_shift | dnnl_fuse_norm_relu;

static unsigned flags_of(const od_normalization *s) {
    return s->given_statistics ? od_flags | dnnl_use_global_stats : od_flags;
}

static dnnl_memory_desc_t vector(int c) {
    dnnl_memory_desc_t memory;
    dnnl_dims_t dims = {c};
    dnnl_memory_desc_init_by_tag(&memory, 1, dims, dnnl_f32, dnnl_x);
    return memory;
}

static dnnl_primitive_desc_t training(od_context *context, const od_normalization *s) {
    dnnl_memory_desc_t data = od_blocked(s->type, s->n, s->c, s->h, s->w);
    dnnl_batch_normalization_desc_t descriptor;
    if (dnnl_batch_normalization_forward_desc_init(
            &descriptor, dnnl_forward_training, &data, s->epsilon, flags_of(s))
        != dnnl_success) {
        return NULL;
    }
    return od_describe(context, &descriptor, NULL, NULL);
}

int64_t od_normalization_workspace(od_context *context, const od_normalization *s) {
    dnnl_primitive_desc_t description = s->type == od_bf16 ? NULL : training(context, s);
    if (!description) return 0;
    const dnnl_memory_desc_t *memory = dnnl_primitive_desc_query_md(description, dnnl_query_workspace_md, 0);
    int64_t bytes = memory ? (int64_t)dnnl_memory_desc_get_size(memory) : 0;
    dnnl_primitive_desc_destroy(description);
    return bytes;
}

static void bind_parameters(
    od_op *op, const od_normalization *s, const float *scale, const float *shift, const float *mean,
    const float *variance) {
    dnnl_memory_desc_t parameters = vector(s->c);
    od_bind(op->context, &op->main, DNNL_ARG_SCALE, &parameters, scale);
    od_bind(op->context, &op->main, DNNL_ARG_SHIFT, &parameters, shift);
    od_bind(op->context, &op->main, DNNL_ARG_MEAN, &parameters, mean);
    od_bind(op->context, &op->main, DNNL_ARG_VARIANCE, &parameters, variance);
}

od_op *od_normalization_training(
    od_context *context, const od_normalization *s, const void *src, const float *scale, const float *shift,
    float *mean, float *variance, void *dst, void *workspace) {
    if (s->type == od_bf16) return od_training_bf16(context, s, src, scale, shift, mean, variance, dst);
    dnnl_primitive_desc_t description = training(context, s);
    od_op *op = od_from_description(context, description);
    if (op) {
        dnnl_memory_desc_t data = od_blocked(s->type, s->n, s->c, s->h, s->w);
        od_bind(context, &op->main, DNNL_ARG_SRC, &data, src);
        od_bind(context, &op->main, DNNL_ARG_DST, &data, dst);
        bind_parameters(op, s, scale, shift, mean, variance);
        const dnnl_memory_desc_t *memory = dnnl_primitive_desc_query_md(description, dnnl_query_workspace_md, 0);
        if (memory) od_bind(context, &op->main, DNNL_ARG_WORKSPACE, memory, workspace);
    }
    if (description) dnnl_primitive_desc_destroy(description);
    return op;
}

od_op *od_normalization_inference(
    od_context *context, const od_normalization *s, const void *src, const float *scale, const float *shift,
    const float *mean, const float *variance, void *dst) {
    dnnl_memory_desc_t data = od_blocked(s->type, s->n, s->c, s->h, s->w);
    dnnl_batch_normalization_desc_t descriptor;
    if (dnnl_batch_normalization_forward_desc_init(
            &descriptor, dnnl_forward_inference, &data, s->epsilon, od_flags | dnnl_use_global_stats)
        != dnnl_success) {
        return NULL;
    }
    od_op *op = od_make(context, &descriptor, NULL, NULL);
    if (!op) return NULL;
    od_bind(context, &op->main, DNNL_ARG_SRC, &data, src);
    od_bind(context, &op->main, DNNL_ARG_DST, &data, dst);
    bind_parameters(op, s, scale, shift, mean, variance);
    return op;
}

od_op *od_normalization_backward(
    od_context *context, const od_normalization *s, const void *src, const float *scale, const float *shift,
    const float *mean, const float *variance, const void *workspace, void *diff, float *diff_scale, float *diff_shift) {
    if (s->type == od_bf16)
        return od_backward_bf16(context, s, src, scale, shift, mean, variance, diff, diff_scale, diff_shift);
    dnnl_memory_desc_t data = od_blocked(s->type, s->n, s->c, s->h, s->w);
    dnnl_batch_normalization_desc_t descriptor;
    if (dnnl_batch_normalization_backward_desc_init(&descriptor, dnnl_backward, &data, &data, s->epsilon, flags_of(s))
        != dnnl_success) {
        return NULL;
    }
    dnnl_primitive_desc_t hint = training(context, s);
    od_op *op = hint ? od_make(context, &descriptor, hint, NULL) : NULL;
    if (op) {
        dnnl_memory_desc_t parameters = vector(s->c);
        od_bind(context, &op->main, DNNL_ARG_SRC, &data, src);
        od_bind(context, &op->main, DNNL_ARG_DIFF_DST, &data, diff);
        od_bind(context, &op->main, DNNL_ARG_DIFF_SRC, &data, diff);
        bind_parameters(op, s, scale, shift, mean, variance);
        const dnnl_memory_desc_t *memory = dnnl_primitive_desc_query_md(hint, dnnl_query_workspace_md, 0);
        if (memory) od_bind(context, &op->main, DNNL_ARG_WORKSPACE, memory, workspace);
        od_bind(context, &op->main, DNNL_ARG_DIFF_SCALE, &parameters, diff_scale);
        od_bind(context, &op->main, DNNL_ARG_DIFF_SHIFT, &parameters, diff_shift);
    }
    if (hint) dnnl_primitive_desc_destroy(hint);
    return op;
}
