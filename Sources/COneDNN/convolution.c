#include <stdlib.h>

#include "context.h"
#include "weights.h"

/// Weights as the net keeps them; plain ones may be a part of the input channels of larger ones.
static dnnl_memory_desc_t kept_weights(const od_convolution *s) {
    dnnl_memory_desc_t memory;
    dnnl_dims_t dims = {s->oc, s->ic, s->k, s->k};
    if (s->blocked_weights) {
        dnnl_memory_desc_init_by_tag(&memory, 4, dims, dnnl_f32, dnnl_ABcd16b16a);
        return memory;
    }
    dnnl_dims_t strides = {s->weights_row, s->k * s->k, s->k, 1};
    dnnl_memory_desc_init_by_strides(&memory, 4, dims, dnnl_f32, strides);
    return memory;
}

static dnnl_memory_desc_t any_weights(const od_convolution *s, dnnl_data_type_t type) {
    dnnl_memory_desc_t memory;
    dnnl_dims_t dims = {od_padded(s->oc), s->plain_source ? s->ic : od_padded(s->ic), s->k, s->k};
    dnnl_memory_desc_init_by_tag(&memory, 4, dims, type, dnnl_format_tag_any);
    return memory;
}

static dnnl_memory_desc_t source(const od_convolution *s) {
    dnnl_memory_desc_t memory;
    if (!s->plain_source) return od_blocked(s->type, s->n, od_padded(s->ic), s->h, s->w);
    dnnl_dims_t dims = {s->n, s->ic, s->h, s->w};
    dnnl_memory_desc_init_by_tag(&memory, 4, dims, od_data_type(s->type), dnnl_nchw);
    return memory;
}

static dnnl_memory_desc_t target(const od_convolution *s) {
    return od_blocked(s->type, s->n, od_padded(s->oc), s->h, s->w);
}

static dnnl_alg_kind_t algorithm(const od_convolution *s) {
    return s->algorithm == od_winograd ? dnnl_convolution_winograd : dnnl_convolution_direct;
}

/// A single block of channels is the same bytes as channels last, for which oneDNN's direct passes are faster.
static dnnl_memory_desc_t last(const dnnl_memory_desc_t *blocked) {
    dnnl_memory_desc_t memory;
    dnnl_memory_desc_init_by_tag(&memory, 4, blocked->dims, blocked->data_type, dnnl_nhwc);
    return memory;
}

/// The description of the forward pass: for running it, and as the hint that backward descriptions need.
static dnnl_primitive_desc_t forward(od_context *context, const od_convolution *s, bool accumulate) {
    dnnl_memory_desc_t src = source(s), dst = target(s);
    if (s->algorithm == od_direct && od_is_one_block(s)) {
        src = last(&src);
        dst = last(&dst);
    }
    dnnl_memory_desc_t weights = any_weights(s, od_data_type(s->type));
    dnnl_dims_t strides = {1, 1}, padding = {s->k / 2, s->k / 2};
    dnnl_convolution_desc_t descriptor;
    if (dnnl_convolution_forward_desc_init(
            &descriptor, dnnl_forward_training, algorithm(s), &src, &weights, NULL, &dst, strides, padding, padding)
        != dnnl_success) {
        return NULL;
    }
    dnnl_primitive_attr_t attr = NULL;
    dnnl_primitive_attr_create(&attr);
    if (accumulate) {
        dnnl_post_ops_t sum = NULL;
        dnnl_post_ops_create(&sum);
        dnnl_post_ops_append_sum(sum, 1);
        dnnl_primitive_attr_set_post_ops(attr, sum);
        dnnl_post_ops_destroy(sum);
    }
    dnnl_primitive_desc_t description = od_describe(context, &descriptor, NULL, attr);
    dnnl_primitive_attr_destroy(attr);
    return description;
}

od_op *od_convolution_forward(
    od_context *context, const od_convolution *s, const void *src, const float *weights, void *dst, bool accumulate) {
    if (s->algorithm == od_winograd && od_is_one_block(s))
        return od_winograd_block(context, s, src, weights, dst, accumulate, false);
    dnnl_primitive_desc_t description = forward(context, s, accumulate);
    od_op *op = od_from_description(context, description);
    if (op) {
        dnnl_memory_desc_t kept = kept_weights(s);
        od_bind(context, &op->main, DNNL_ARG_SRC, dnnl_primitive_desc_query_md(description, dnnl_query_src_md, 0), src);
        od_bind(context, &op->main, DNNL_ARG_DST, dnnl_primitive_desc_query_md(description, dnnl_query_dst_md, 0), dst);
        const dnnl_memory_desc_t *wanted = dnnl_primitive_desc_query_md(description, dnnl_query_weights_md, 0);
        if (od_weights_in(op, &kept, weights, wanted) != 0) {
            od_free(op);
            op = NULL;
        }
    }
    if (description) dnnl_primitive_desc_destroy(description);
    return op;
}

/// Weights turned round for a convolution that is the gradient of another's source.
typedef struct {
    od_convolution shape;
    const float *weights;
    float turned[];
} od_turned;

static void turn(od_op *op) {
    od_turned *own = op->own;
    const od_convolution *s = &own->shape;
    for (int o = 0; o < s->oc; o++)
        for (int i = 0; i < s->ic; i++)
            for (int tap = 0; tap < 9; tap++)
                own->turned[(i * s->oc + o) * 9 + tap] = own->weights[od_place(s, o, i, 8 - tap)];
}

/// The gradient of the source as a convolution of that of the output: oneDNN's forward pass is the faster one where
/// there is a single block of channels.
static od_op *turned(
    od_context *context, const od_convolution *s, const void *diff_dst, const float *weights, void *diff_src) {
    od_turned *own = malloc(sizeof *own + sizeof(float) * (size_t)(s->ic * s->oc * 9));
    if (!own) return NULL;
    own->shape = *s;
    own->weights = weights;
    od_convolution shape = *s;
    shape.ic = s->oc;
    shape.oc = s->ic;
    shape.weights_row = s->oc * 9;
    shape.blocked_weights = false;
    od_op *op = od_convolution_forward(context, &shape, diff_dst, own->turned, diff_src, false);
    if (!op) {
        free(own);
        return NULL;
    }
    op->own = own;
    op->prepare = turn;
    return op;
}

/// The same for many blocks in fp32: oneDNN's forward pass takes a twentieth less where there are few channels, and where
/// there are many it comes with an order of the weights that costs no more.
static od_op *turned_blocks(
    od_context *context, const od_convolution *s, const void *diff_dst, const float *weights, void *diff_src) {
    od_convolution shape = *s;
    shape.ic = s->oc;
    shape.oc = s->ic;
    dnnl_memory_desc_t src = source(&shape), dst = target(&shape), kept = kept_weights(&shape);
    dnnl_primitive_desc_t description = forward(context, &shape, false);
    const dnnl_memory_desc_t *wanted = dnnl_primitive_desc_query_md(description, dnnl_query_weights_md, 0);
    bool is_kept = description && dnnl_memory_desc_equal(wanted, &kept);
    od_op *op = is_kept ? od_from_description(context, description) : NULL;
    if (op && od_turn(op, s, weights)) {
        od_bind(context, &op->main, DNNL_ARG_SRC, &src, diff_dst);
        od_bind(context, &op->main, DNNL_ARG_DST, &dst, diff_src);
        od_need(op, 0, (int64_t)dnnl_memory_desc_get_size(&kept));
        op->weights_argument = op->main.count;
        od_bind(context, &op->main, DNNL_ARG_WEIGHTS, &kept, NULL);
    } else {
        od_free(op);
        op = NULL;
    }
    if (description) dnnl_primitive_desc_destroy(description);
    return op;
}

od_op *od_convolution_backward_data(
    od_context *context, const od_convolution *s, const void *diff_dst, const float *weights, void *diff_src) {
    if (s->algorithm == od_winograd && od_is_one_block(s))
        return od_winograd_block(context, s, diff_dst, weights, diff_src, false, true);
    if (s->algorithm == od_direct && od_is_one_block(s)) return turned(context, s, diff_dst, weights, diff_src);
    if (s->algorithm == od_direct && s->type == od_f32 && s->k == 3 && s->blocked_weights) {
        od_op *op = turned_blocks(context, s, diff_dst, weights, diff_src);
        if (op) return op;
    }
    dnnl_memory_desc_t src = source(s), dst = target(s);
    dnnl_memory_desc_t any = any_weights(s, od_data_type(s->type));
    dnnl_dims_t strides = {1, 1}, padding = {s->k / 2, s->k / 2};
    dnnl_convolution_desc_t descriptor;
    if (dnnl_convolution_backward_data_desc_init(&descriptor, algorithm(s), &src, &any, &dst, strides, padding, padding)
        != dnnl_success) {
        return NULL;
    }
    dnnl_primitive_desc_t hint = forward(context, s, false);
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

od_op *od_convolution_backward_weights(
    od_context *context, const od_convolution *s, const void *src, const void *diff_dst, float *diff_weights) {
    if (od_is_weights_loop(s)) return od_direct_weights(context, s, src, diff_dst, diff_weights);
    dnnl_memory_desc_t from = source(s), dst = target(s);
    dnnl_memory_desc_t any = any_weights(s, dnnl_f32);
    dnnl_dims_t strides = {1, 1}, padding = {s->k / 2, s->k / 2};
    dnnl_convolution_desc_t descriptor;
    if (dnnl_convolution_backward_weights_desc_init(
            &descriptor, algorithm(s), &from, &any, NULL, &dst, strides, padding, padding)
        != dnnl_success) {
        return NULL;
    }
    dnnl_primitive_desc_t hint = forward(context, s, false);
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
