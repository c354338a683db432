// Gradients of weights from oneDNN's blocks to where they lie plainly: its own reorder takes three times as long.
#include <stdlib.h>

#include "context.h"
#include "pixel.h"

/// Blocks of sixteen by sixteen channels. A row is what lies together plainly: of a convolution all that belongs to an
/// output channel, of a transposed one all that belongs to an input channel.
typedef struct {
    const float *blocks;
    float *plain;
    int rows, columns, taps;
    /// Floats from one block of rows or columns to the next, and from one plain row to the next.
    int64_t row_block, column_block, plain_row;
} od_blocked_weights;

/// The source is in the first cache, the next block is asked for, and the target is written in order.
OD_INLINE void write_rows(int taps, const float *block, int rows, int columns, int64_t plain_row, float *plain) {
    for (int row = 0; row < rows; row++) {
        float *target = plain + row * plain_row;
        for (int tap = 0; tap < taps; tap++)
            __builtin_prefetch(block + (taps * (channels + row) + tap) * channels, 0, 3);
        for (int column = 0; column < columns; column++)
            for (int tap = 0; tap < taps; tap++) *target++ = block[(tap * channels + column) * channels + row];
    }
}

void od_write_block(int taps, const float *block, int rows, int columns, int64_t plain_row, float *plain) {
    if (taps == 9) write_rows(9, block, rows, columns, plain_row, plain);
    else write_rows(taps, block, rows, columns, plain_row, plain);
}

static int blocks_of(int count) { return (count + channels - 1) / channels; }

static void run_blocks(void *data, int64_t first, int64_t end) {
    const od_blocked_weights *s = data;
    for (int64_t place = first; place < end; place++) {
        int row = (int)(place / blocks_of(s->columns)), column = (int)(place % blocks_of(s->columns));
        int rows = s->rows - row * channels, columns = s->columns - column * channels;
        od_write_block(
            s->taps, s->blocks + row * s->row_block + column * s->column_block, rows < channels ? rows : channels,
            columns < channels ? columns : channels, s->plain_row,
            s->plain + row * channels * s->plain_row + column * channels * s->taps);
    }
}

static void run(od_op *op) {
    od_blocked_weights *s = op->own;
    s->blocks = op->own_weights ? op->own_weights : od_shared_weights(op);
    od_parallel((int64_t)blocks_of(s->rows) * blocks_of(s->columns), run_blocks, s);
}

int od_unblock(od_op *op, const dnnl_memory_desc_t *blocked, const dnnl_memory_desc_t *plain, float *weights) {
    const dnnl_blocking_desc_t *from = &blocked->format_desc.blocking, *to = &plain->format_desc.blocking;
    int64_t taps = plain->dims[2] * plain->dims[3];
    // Which of the two dimensions of channels is that of the rows.
    int rows = to->strides[1] == taps ? 0 : 1, columns = 1 - rows;
    bool is_known = blocked->format_kind == dnnl_blocked && from->inner_nblks == 2 && from->inner_blks[0] == channels
        && from->inner_blks[1] == channels && from->inner_idxs[0] == columns && from->inner_idxs[1] == rows
        && from->strides[3] == channels * channels && from->strides[2] == plain->dims[3] * channels * channels
        && to->strides[columns] == taps && to->strides[2] == plain->dims[3] && to->strides[3] == 1;
    od_blocked_weights *own = is_known ? malloc(sizeof *own) : NULL;
    if (!own) return 1;
    *own = (od_blocked_weights){
        NULL, weights, (int)plain->dims[rows], (int)plain->dims[columns], (int)taps, from->strides[rows],
        from->strides[columns], to->strides[rows]};
    op->own = own;
    op->loop = run;
    return 0;
}
