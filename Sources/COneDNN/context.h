#pragma once

#include <oneapi/dnnl/dnnl.h>

#include "COneDNN.h"

struct od_context {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    int64_t scratch_bytes;
    void *scratch;
};

enum { od_max_arguments = 12 };

/// A primitive with named memories.
typedef struct {
    dnnl_primitive_t primitive;
    int count;
    dnnl_exec_arg_t arguments[od_max_arguments];
} od_bound;

struct od_op {
    od_context *context;
    od_bound before, main, after;
    void *own_weights;
    int scratch_argument;
    char implementation[64];
};

/// Channels are padded to a multiple of this: the block of the widest vector.
int od_block(void);
/// Channels with their padding, which holds zeros. Convolutions compute on it too: with fewer channels than a block
/// oneDNN 2.6 falls back on its reference code, hundreds of times slower.
int od_padded(int channels);
dnnl_format_tag_t od_blocked_tag(void);
dnnl_data_type_t od_data_type(od_type type);
dnnl_memory_desc_t od_blocked(od_type type, int n, int c, int h, int w);

/// Makes an operation from an op descriptor; NULL where there is no implementation.
od_op *od_make(od_context *context, const void *descriptor, dnnl_primitive_desc_t hint, const dnnl_primitive_attr_t attr);
dnnl_primitive_desc_t od_describe(
    od_context *context, const void *descriptor, dnnl_primitive_desc_t hint, const dnnl_primitive_attr_t attr);
od_op *od_from_description(od_context *context, dnnl_primitive_desc_t description);

/// Binds a memory of the given description to an argument.
void od_bind(od_context *context, od_bound *bound, int argument, const dnnl_memory_desc_t *memory, const void *data);

/// Lets the operation use weights that lie plainly elsewhere: a reorder into its own layout before each run, or
/// out of it after each run. The operation's layout may have more channels; they stay zero.
int od_weights_in(od_op *op, const dnnl_memory_desc_t *plain, const float *weights, const dnnl_memory_desc_t *wanted);
/// The same for weights that never change: one reorder, when the operation is made.
int od_weights_once(od_op *op, const dnnl_memory_desc_t *plain, const void *weights, const dnnl_memory_desc_t *wanted);
int od_weights_out(od_op *op, const dnnl_memory_desc_t *plain, float *weights, const dnnl_memory_desc_t *given);
