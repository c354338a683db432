#include "context.h"

static const dnnl_dims_t od_two = {2, 2}, od_none = {0, 0};

static dnnl_primitive_desc_t forward(od_context *context, const od_pool *s) {
    dnnl_memory_desc_t src = od_blocked(s->type, s->n, s->c, s->h, s->w);
    dnnl_memory_desc_t dst = od_blocked(s->type, s->n, s->c, s->h / 2, s->w / 2);
    dnnl_pooling_desc_t descriptor;
    if (dnnl_pooling_forward_desc_init(
            &descriptor, dnnl_forward_training, dnnl_pooling_max, &src, &dst, od_two, od_two, od_none, od_none)
        != dnnl_success) {
        return NULL;
    }
    return od_describe(context, &descriptor, NULL, NULL);
}

int64_t od_pool_workspace(od_context *context, const od_pool *s) {
    dnnl_primitive_desc_t description = forward(context, s);
    if (!description) return 0;
    const dnnl_memory_desc_t *memory = dnnl_primitive_desc_query_md(description, dnnl_query_workspace_md, 0);
    int64_t bytes = memory ? (int64_t)dnnl_memory_desc_get_size(memory) : 0;
    dnnl_primitive_desc_destroy(description);
    return bytes;
}

od_op *od_pool_forward(od_context *context, const od_pool *s, const void *src, void *dst, void *workspace) {
    dnnl_primitive_desc_t description = forward(context, s);
    od_op *op = od_from_description(context, description);
    if (op) {
        dnnl_memory_desc_t from = od_blocked(s->type, s->n, s->c, s->h, s->w);
        dnnl_memory_desc_t to = od_blocked(s->type, s->n, s->c, s->h / 2, s->w / 2);
        od_bind(context, &op->main, DNNL_ARG_SRC, &from, src);
        od_bind(context, &op->main, DNNL_ARG_DST, &to, dst);
        const dnnl_memory_desc_t *memory = dnnl_primitive_desc_query_md(description, dnnl_query_workspace_md, 0);
        if (memory) od_bind(context, &op->main, DNNL_ARG_WORKSPACE, memory, workspace);
    }
    if (description) dnnl_primitive_desc_destroy(description);
    return op;
}

od_op *od_pool_backward(
    od_context *context, const od_pool *s, const void *diff_dst, const void *workspace, void *diff_src) {
    dnnl_memory_desc_t src = od_blocked(s->type, s->n, s->c, s->h, s->w);
    dnnl_memory_desc_t dst = od_blocked(s->type, s->n, s->c, s->h / 2, s->w / 2);
    dnnl_pooling_desc_t descriptor;
    if (dnnl_pooling_backward_desc_init(
            &descriptor, dnnl_pooling_max, &src, &dst, od_two, od_two, od_none, od_none)
        != dnnl_success) {
        return NULL;
    }
    dnnl_primitive_desc_t hint = forward(context, s);
    od_op *op = hint ? od_make(context, &descriptor, hint, NULL) : NULL;
    if (op) {
        od_bind(context, &op->main, DNNL_ARG_DIFF_DST, &dst, diff_dst);
        od_bind(context, &op->main, DNNL_ARG_DIFF_SRC, &src, diff_src);
        const dnnl_memory_desc_t *memory = dnnl_primitive_desc_query_md(hint, dnnl_query_workspace_md, 0);
        if (memory) od_bind(context, &op->main, DNNL_ARG_WORKSPACE, memory, workspace);
    }
    if (hint) dnnl_primitive_desc_destroy(hint);
    return op;
}
