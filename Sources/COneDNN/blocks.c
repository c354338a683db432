// Weights from the blocks in which a net keeps them to those that a primitive computes with, at the speed of the memory;
// oneDNN's own reorders reach a third of it.
#include <stdlib.h>

#include "context.h"
#include "pixels16.h"

#if defined(__x86_64__)
#include <immintrin.h>

enum { half = channels / 2 };

/// A tile is a tap of a block: sixteen vectors, each the rows of a column.
typedef struct {
    const od_pixel *kept;
    char *target;
    int64_t tiles;
    od_body *body;
    /// Blocks of rows and of columns, where they change places.
    int rows, columns;
} od_tiles;

/// Asks for the tile that is read eight tiles later: by themselves processors ask later for what is read in such steps.
OD_INLINE void ask_on(const od_pixel *tile) {
    for (int i = 0; i < channels; i++) __builtin_prefetch(tile + 8 * channels + i, 0, 2);
}

/// Writes a vector; past the cache if it is for later and would only push other things out. Then it is in no order for other
/// threads until a locked instruction, as OpenMP has one at the end of a loop and at the start of the next.
OD_AVX512 OD_INLINE void put(bool is_for_later, od_pixel *target, od_pixel vector) {
    if (is_for_later) __builtin_nontemporal_store(vector, target);
    else *target = vector;
}

// A step of a transposition: squares of `d` by `d` values beside the diagonal change places. Of two vectors a and b, as one
// row of 2 x 16 values, k = 0 picks what becomes of a and k = d what becomes of b.
#define OD_AT(j, d, k) (((j) & (d) ? channels - (d) + (j) : (j)) + (k))
#define OD_PICK(a, b, d, k) \
    __builtin_shufflevector( \
        a, b, OD_AT(0, d, k), OD_AT(1, d, k), OD_AT(2, d, k), OD_AT(3, d, k), OD_AT(4, d, k), OD_AT(5, d, k), \
        OD_AT(6, d, k), OD_AT(7, d, k), OD_AT(8, d, k), OD_AT(9, d, k), OD_AT(10, d, k), OD_AT(11, d, k), \
        OD_AT(12, d, k), OD_AT(13, d, k), OD_AT(14, d, k), OD_AT(15, d, k))
#define OD_EXCHANGE(vectors, count, d) \
    for (int i = 0; i < (count); i++) \
        if (!(i & (d))) { \
            od_pixel a = vectors[i], b = vectors[i + (d)]; \
            vectors[i] = OD_PICK(a, b, d, 0); \
            vectors[i + (d)] = OD_PICK(a, b, d, d); \
        }

/// More tiles than the second cache holds. They are written past it, which need not read first what is written over.
enum { many = 2048 };

/// Columns of rows become rows of columns.
OD_AVX512 OD_INLINE void transpose_tile(bool are_many, const od_pixel *kept, od_pixel *target) {
    od_pixel vectors[channels];
    memcpy(vectors, kept, sizeof vectors);
    OD_EXCHANGE(vectors, channels, 8)
    OD_EXCHANGE(vectors, channels, 4)
    OD_EXCHANGE(vectors, channels, 2)
    OD_EXCHANGE(vectors, channels, 1)
    for (int i = 0; i < channels; i++) put(are_many, target + i, vectors[i]);
}

OD_AVX512 static void transpose(void *data, int64_t first, int64_t end) {
    const od_tiles *s = data;
    for (int64_t tile = first; tile < end; tile++) {
        ask_on(s->kept + tile * channels);
        transpose_tile(s->tiles > many, s->kept + tile * channels, (od_pixel *)s->target + tile * channels);
    }
}

/// Blocks of rows and columns change places too, and taps their order: the kernel is turned round.
OD_AVX512 static void turn(void *data, int64_t first, int64_t end) {
    const od_tiles *s = data;
    for (int64_t pair = first; pair < end; pair++) {
        // What is read is far from what was read for the pair before.
        int64_t next = pair + 1 < end ? pair + 1 : pair;
        const od_pixel *kept = s->kept + (pair % s->rows * s->columns + pair / s->rows) * od_taps * channels;
        const od_pixel *ahead = s->kept + (next % s->rows * s->columns + next / s->rows) * od_taps * channels;
        for (int tap = 0; tap < od_taps; tap++) {
            for (int i = 0; i < channels; i++) __builtin_prefetch(ahead + tap * channels + i, 0, 2);
            od_pixel *target = (od_pixel *)s->target + (pair * od_taps + tap) * channels;
            transpose_tile(s->tiles > many / od_taps, kept + (od_taps - 1 - tap) * channels, target);
        }
    }
}

/// Two columns side by side, for each row.
OD_BF16 OD_INLINE void pair_columns_of(const od_pixel *kept, od_pixel *target, bool is_for_later) {
    for (int i = 0; i < half; i++)
        put(is_for_later, target + i, (od_pixel)od_round_pixels((od_pixels){kept[2 * i], kept[2 * i + 1]}));
}

/// Two rows side by side, for each column.
OD_BF16 OD_INLINE void pair_rows_of(const od_pixel *kept, od_pixel *target, bool is_for_later) {
    od_pixel vectors[half];
    // A column is eight pairs of rows now, and two columns share a vector.
    for (int i = 0; i < half; i++)
        vectors[i] = (od_pixel)_mm512_cvtne2ps_pbh((__m512)kept[i + half], (__m512)kept[i]);
    OD_EXCHANGE(vectors, half, 4)
    OD_EXCHANGE(vectors, half, 2)
    OD_EXCHANGE(vectors, half, 1)
    for (int i = 0; i < half; i++) put(is_for_later, target + i, vectors[i]);
}

OD_BF16 static void pair_columns(void *data, int64_t first, int64_t end) {
    const od_tiles *s = data;
    for (int64_t tile = first; tile < end; tile++) {
        ask_on(s->kept + tile * channels);
        pair_columns_of(s->kept + tile * channels, (od_pixel *)s->target + tile * half, false);
    }
}

OD_BF16 static void pair_rows(void *data, int64_t first, int64_t end) {
    const od_tiles *s = data;
    for (int64_t tile = first; tile < end; tile++) {
        ask_on(s->kept + tile * channels);
        pair_rows_of(s->kept + tile * channels, (od_pixel *)s->target + tile * half, false);
    }
}

OD_BF16 void od_halve(int64_t count, const float *values, od_half_weights halves) {
    for (int64_t tile = 0; tile < count / (channels * channels); tile++) {
        const od_pixel *kept = (const od_pixel *)values + tile * channels;
        pair_columns_of(kept, (od_pixel *)halves.columns + tile * half, true);
        pair_rows_of(kept, (od_pixel *)halves.rows + tile * half, true);
    }
}

static void run(od_op *op) {
    od_tiles *s = op->own;
    s->target = od_shared_weights(op);
    od_parallel(s->tiles, s->body, s);
}

/// The loop from blocks that are kept to blocks that are wanted; NULL where there is none.
static od_body *loop_between(const dnnl_memory_desc_t *kept, const dnnl_memory_desc_t *wanted) {
    const dnnl_blocking_desc_t *from = &kept->format_desc.blocking, *to = &wanted->format_desc.blocking;
    if (kept->format_kind != dnnl_blocked || wanted->format_kind != dnnl_blocked || from->inner_nblks != 2) return NULL;
    // Blocks themselves must be in the same order.
    if (memcmp(from->strides, to->strides, sizeof(int64_t) * (size_t)kept->ndims) != 0) return NULL;
    int64_t column = from->inner_idxs[0], row = from->inner_idxs[1], outer = to->inner_idxs[0];
    if (to->inner_nblks == 2 && wanted->data_type == dnnl_f32 && to->inner_blks[0] == channels
        && to->inner_blks[1] == channels && outer == row && to->inner_idxs[1] == column)
        return transpose;
    bool is_paired = to->inner_nblks == 3 && wanted->data_type == dnnl_bf16 && to->inner_blks[0] == half
        && to->inner_blks[1] == channels && to->inner_blks[2] == 2 && to->inner_idxs[2] == outer
        && to->inner_idxs[1] == row + column - outer;
    if (!is_paired || !od_computes_bf16()) return NULL;
    return outer == column ? pair_columns : pair_rows;
}

const void *od_half_weights_in(
    const od_context *context, const dnnl_memory_desc_t *kept, const float *weights, const dnnl_memory_desc_t *wanted) {
    int64_t place = weights - context->weights;
    if (!context->halves.columns || place < 0 || place >= context->weights_count) return NULL;
    od_body *body = loop_between(kept, wanted);
    if (body == pair_columns) return context->halves.columns + place;
    return body == pair_rows ? context->halves.rows + place : NULL;
}

static bool prepare(od_op *op, od_tiles tiles) {
    od_tiles *own = tiles.body ? malloc(sizeof *own) : NULL;
    if (!own) return false;
    *own = tiles;
    op->own = own;
    op->prepare = run;
    return true;
}

bool od_arrange(od_op *op, const dnnl_memory_desc_t *kept, const float *weights, const dnnl_memory_desc_t *wanted) {
    int64_t tiles = kept->dims[0] * kept->dims[1] * kept->dims[2] * kept->dims[3] / (channels * channels);
    return prepare(op, (od_tiles){(const od_pixel *)weights, NULL, tiles, loop_between(kept, wanted)});
}

bool od_turn(od_op *op, const od_convolution *s, const float *weights) {
    int rows = s->oc / channels, columns = s->ic / channels;
    return prepare(op, (od_tiles){(const od_pixel *)weights, NULL, (int64_t)rows * columns, turn, rows, columns});
}
#else
void od_halve(int64_t count, const float *values, od_half_weights halves) { abort(); }

const void *od_half_weights_in(
    const od_context *context, const dnnl_memory_desc_t *kept, const float *weights, const dnnl_memory_desc_t *wanted) {
    return NULL;
}

bool od_arrange(od_op *op, const dnnl_memory_desc_t *kept, const float *weights, const dnnl_memory_desc_t *wanted) {
    return false;
}

bool od_turn(od_op *op, const od_convolution *s, const float *weights) { return false; }
#endif
