// Weights that an operation reads or writes where they are kept, or on their way from there and back.
#include <string.h>

#include "context.h"

static int reorder(
    od_op *op, od_bound *bound, const dnnl_memory_desc_t *from, const void *source, const dnnl_memory_desc_t *to,
    void *target) {
    dnnl_primitive_desc_t description = NULL;
    dnnl_engine_t engine = op->context->engine;
    dnnl_status_t status = dnnl_reorder_primitive_desc_create(&description, from, engine, to, engine, NULL);
    if (status != dnnl_success) return status;
    status = dnnl_primitive_create(&bound->primitive, description);
    dnnl_primitive_desc_destroy(description);
    if (status != dnnl_success) return status;
    od_bind(op->context, bound, DNNL_ARG_FROM, from, source);
    od_bind(op->context, bound, DNNL_ARG_TO, to, target);
    return 0;
}

/// Blocked weights without their padding channels, which hold zeros: the same bytes with the extents of those that are
/// kept.
static dnnl_memory_desc_t trimmed(const dnnl_memory_desc_t *blocked, const dnnl_memory_desc_t *kept) {
    dnnl_memory_desc_t memory = *blocked;
    memcpy(memory.dims, kept->dims, sizeof memory.dims);
    return memory;
}

/// Binds weights in the wanted layout to an argument, in memory of the operation's own where it has padding.
static int bind_weights(od_op *op, int argument, const dnnl_memory_desc_t *kept, const dnnl_memory_desc_t *wanted) {
    int64_t bytes = (int64_t)dnnl_memory_desc_get_size(wanted);
    if (memcmp(kept->dims, wanted->dims, sizeof(int64_t) * (size_t)kept->ndims) == 0) {
        od_need(op, 0, bytes);
        op->weights_argument = op->main.count;
    } else {
        op->own_weights = od_zeroed((size_t)bytes);
        if (!op->own_weights) return dnnl_out_of_memory;
    }
    od_bind(op->context, &op->main, argument, wanted, op->own_weights);
    return 0;
}

/// Binds weights where they are kept, if they have the layout that is wanted.
static bool bind_in_place(
    od_op *op, int argument, const dnnl_memory_desc_t *kept, const float *weights, const dnnl_memory_desc_t *wanted) {
    if (!dnnl_memory_desc_equal(kept, wanted)) return false;
    od_bind(op->context, &op->main, argument, wanted, weights);
    return true;
}

int od_weights_in(od_op *op, const dnnl_memory_desc_t *kept, const float *weights, const dnnl_memory_desc_t *wanted) {
    if (bind_in_place(op, DNNL_ARG_WEIGHTS, kept, weights, wanted)) return 0;
    const void *halves = od_half_weights_in(op->context, kept, weights, wanted);
    if (halves) {
        od_bind(op->context, &op->main, DNNL_ARG_WEIGHTS, wanted, halves);
        return 0;
    }
    int status = bind_weights(op, DNNL_ARG_WEIGHTS, kept, wanted);
    if (status != 0 || od_arrange(op, kept, weights, wanted)) return status;
    dnnl_memory_desc_t target = trimmed(wanted, kept);
    return reorder(op, &op->before, kept, weights, &target, op->own_weights);
}

int od_weights_out(od_op *op, const dnnl_memory_desc_t *kept, float *weights, const dnnl_memory_desc_t *given) {
    if (bind_in_place(op, DNNL_ARG_DIFF_WEIGHTS, kept, weights, given)) return 0;
    int status = bind_weights(op, DNNL_ARG_DIFF_WEIGHTS, kept, given);
    if (status != 0) return status;
    dnnl_memory_desc_t source = trimmed(given, kept);
    return reorder(op, &op->after, &source, op->own_weights, kept, weights);
}

int od_weights_once(od_op *op, const dnnl_memory_desc_t *plain, const void *weights, const dnnl_memory_desc_t *wanted) {
    op->own_weights = od_zeroed(dnnl_memory_desc_get_size(wanted));
    if (!op->own_weights) return dnnl_out_of_memory;
    od_bind(op->context, &op->main, DNNL_ARG_WEIGHTS, wanted, op->own_weights);
    int status = reorder(op, &op->before, plain, weights, wanted, op->own_weights);
    if (status == 0) status = od_execute(op, &op->before);
    if (status == 0) status = dnnl_stream_wait(op->context->stream);
    od_unbind(&op->before);
    memset(&op->before, 0, sizeof op->before);
    return status;
}
