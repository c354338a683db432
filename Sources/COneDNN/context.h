#pragma once

#include <oneapi/dnnl/dnnl.h>

#include "COneDNN.h"

struct od_context {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    /// What the operation with the largest need takes: its scratch memory and, behind it, weights in its layout.
    int64_t scratch_bytes;
    void *scratch;
    /// Weights that have halves.
    int64_t weights_count;
    const float *weights;
    od_half_weights halves;
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
    /// What runs before all else, where it is there, and after `main` or in its place; both loops of this folder.
    void (*prepare)(od_op *), (*loop)(od_op *);
    od_bound before, main, after;
    void *own_weights;
    /// What the loops know, freed with the operation.
    void *own;
    /// Place among the arguments of `main`, -1 without one; the weights are those that operations share.
    int scratch_argument, weights_argument;
    /// Scratch memory, before the shared weights.
    int64_t scratch_bytes;
    char implementation[64];
};

dnnl_format_tag_t od_blocked_tag(void);
dnnl_data_type_t od_data_type(od_type type);
dnnl_memory_desc_t od_blocked(od_type type, int n, int c, int h, int w);

/// Makes an operation from an op descriptor; NULL where there is no implementation.
od_op *od_make(od_context *context, const void *descriptor, dnnl_primitive_desc_t hint, const dnnl_primitive_attr_t attr);
dnnl_primitive_desc_t od_describe(
    od_context *context, const void *descriptor, dnnl_primitive_desc_t hint, const dnnl_primitive_attr_t attr);
od_op *od_from_description(od_context *context, dnnl_primitive_desc_t description);

/// Makes an operation of a loop of this folder, which finds a copy of the `bytes` at `own` in the operation; NULL without
/// memory.
od_op *od_make_loop(
    od_context *context, const char *name, void (*loop)(od_op *), int64_t scratch, const void *own, size_t bytes);

/// Tells how much an operation takes of the memory that all share, one after the other.
void od_need(od_op *op, int64_t scratch, int64_t weights);
/// Where an operation's shared weights lie.
void *od_shared_weights(const od_op *op);

/// Runs a primitive with its arguments, where there is one.
dnnl_status_t od_execute(od_op *op, od_bound *bound);
/// Frees a primitive and its arguments.
void od_unbind(od_bound *bound);
/// Binds a memory of the given description to an argument.
void od_bind(od_context *context, od_bound *bound, int argument, const dnnl_memory_desc_t *memory, const void *data);

/// Lets the operation use weights that are kept elsewhere. Where its layout is theirs it reads and writes them in place;
/// else they are brought into it before each run, or out of it after each run. Its layout may have more channels, which
/// stay zero: then the memory is its own, else all share one.
int od_weights_in(od_op *op, const dnnl_memory_desc_t *kept, const float *weights, const dnnl_memory_desc_t *wanted);
int od_weights_out(od_op *op, const dnnl_memory_desc_t *kept, float *weights, const dnnl_memory_desc_t *given);
/// The same for weights that never change: one reorder, when the operation is made.
int od_weights_once(od_op *op, const dnnl_memory_desc_t *plain, const void *weights, const dnnl_memory_desc_t *wanted);
/// The halves of blocked weights in the wanted layout; NULL where there are none.
const void *od_half_weights_in(
    const od_context *context, const dnnl_memory_desc_t *kept, const float *weights, const dnnl_memory_desc_t *wanted);
/// Makes an operation begin with a loop that brings blocked weights into the shared memory in its own layout; false where
/// there is no such loop.
bool od_arrange(od_op *op, const dnnl_memory_desc_t *kept, const float *weights, const dnnl_memory_desc_t *wanted);
/// The same for the blocked weights of a 3x3 convolution whose gradient by the source the operation computes as one more
/// convolution: rows and columns change places, and the kernel is turned round.
bool od_turn(od_op *op, const od_convolution *shape, const float *weights);

/// A memory of zeros on pages of its own; NULL where there is none.
void *od_zeroed(size_t bytes);

/// A loop over the units from `first` to `end`.
typedef void od_body(void *data, int64_t first, int64_t end);

/// Runs `count` units of a loop, a range on each thread that oneDNN computes with; asks for no memory.
void od_parallel(int64_t count, od_body *body, void *data);

/// Taps of a 3x3 convolution.
enum { od_taps = 9 };

/// Parts of which sums are made, however many threads there are: the same bits with one and with all.
enum { od_chunks = 64 };

/// Place of a weight of a 3x3 convolution among those that are kept.
static inline int64_t od_place(const od_convolution *s, int output, int input, int tap) {
    if (!s->blocked_weights) return output * s->weights_row + input * 9 + tap;
    return ((output / 16 * (int64_t)(s->ic / 16) + input / 16) * 9 + tap) * 256 + input % 16 * 16 + output % 16;
}

/// Whether a convolution is from one block of sixteen channels to one, which some loops here are made for.
bool od_is_one_block(const od_convolution *shape);
/// Winograd's algorithm for one block. `backward` takes the gradient of the output for the source: a convolution with
/// its weights turned round.
od_op *od_winograd_block(
    od_context *context, const od_convolution *shape, const void *src, const float *weights, void *dst, bool accumulate,
    bool backward);
/// Gradient of the weights of a direct 3x3 convolution, in fp32 or bf16, from blocks of sixteen channels to such.
od_op *od_direct_weights(
    od_context *context, const od_convolution *shape, const void *src, const void *diff_dst, float *diff_weights);
/// Batch normalisation in bf16, where that is computed.
od_op *od_training_bf16(
    od_context *context, const od_normalization *shape, const uint16_t *src, const float *scale, const float *shift,
    float *mean, float *variance, uint16_t *dst);
od_op *od_backward_bf16(
    od_context *context, const od_normalization *shape, const uint16_t *src, const float *scale, const float *shift,
    const float *mean, const float *variance, uint16_t *diff, float *diff_scale, float *diff_shift);
