// A thin layer over oneDNN's C interface: one call makes one primitive with its arguments bound.
//
// It is C because oneDNN's descriptors are C structs by value up to 2.x and opaque from 3.0, and because
// its argument macros do not reach Swift; everything that differs between versions stays in this folder.
#pragma once

#include <stdbool.h>
#include <stdint.h>

/// An engine with its stream.
typedef struct od_context od_context;

/// A primitive with its arguments bound, and what brings weights into its layout and back where they are kept in another.
typedef struct od_op od_op;

/// Element types of activations; weights, statistics and gradients of weights are always f32.
///
/// od_f16 is a type to store in; no operation here computes in it. od_8bit stands for u8 and s8 of nets in int8,
/// which have operations of their own.
typedef enum { od_f32 = 0, od_bf16 = 1, od_f16 = 2, od_8bit = 3 } od_type;

/// Algorithms of 3x3 convolutions.
typedef enum { od_direct = 0, od_winograd = 1 } od_algorithm;

/// Opens the CPU engine; NULL where that fails.
od_context *od_open(void);
void od_close(od_context *context);

/// Lets oneDNN, and the loops below, compute with so many threads when this thread calls it.
void od_use_threads(int threads);

/// Whether convolutions in bf16 have instructions of their own here, within what ONEDNN_MAX_CPU_ISA allows.
bool od_computes_bf16(void);

/// Whether products of int8 have instructions of their own here (VNNI).
bool od_computes_int8(void);

/// Channels are padded to a multiple of this: the block of the widest vector.
int od_block(void);
/// Channels with their padding, which holds zeros. Convolutions compute on it too: with fewer channels than a block
/// oneDNN 2.6 falls back on its reference code, hundreds of times slower.
int od_padded(int channels);

/// Frees an operation.
void od_free(od_op *op);

/// Runs an operation and waits for it; 0 or oneDNN's status.
int od_run(od_op *op);

/// What runs: oneDNN's choice, as "jit:avx2", or a loop of this module, as "loop:avx512_core".
const char *od_implementation(const od_op *op);

/// Bytes of a blocked activation of n x c x h x w, the padding of its channels included.
int64_t od_activation_bytes(od_type type, int n, int c, int h, int w);

/// Bytes of scratch that the operations made so far want, from a multiple of a page on; give it with od_set_scratch
/// before the first run.
int64_t od_scratch_bytes(const od_context *context);
void od_set_scratch(od_context *context, void *scratch);

/// Weights in bf16 beside those in f32 that are kept in blocks (rows / 16, columns / 16, k, k, 16 columns, 16 rows), each
/// block at the same place: `columns` has the values of two columns side by side, (..., 8, 16 rows, 2), `rows` those of two
/// rows, (..., 8, 16 columns, 2). Passes of convolutions read the one or the other.
typedef struct {
    uint16_t *columns, *rows;
} od_half_weights;

/// Rounds `count` values of whole blocks into both; all three begin on cache lines.
void od_halve(int64_t count, const float *values, od_half_weights halves);
/// Lets operations that are made from now on read the halves of weights that lie among these `count` values, which whoever
/// changes those keeps up to date.
void od_set_half_weights(od_context *context, int64_t count, const float *values, od_half_weights halves);

/// A convolution of kernel k with the same output size (k = 3, padding 1; k = 1, padding 0).
///
/// weights: f32, plain OIHW, whose rows of output channels lie `weights_row` floats apart, so that one half of a
/// convolution over concatenated inputs can be bound; or in blocks of sixteen by sixteen channels,
/// (oc / 16, ic / 16, k, k, 16 inputs, 16 outputs). plain_source says that the one-channel source is plain NCHW.
typedef struct {
    int n, ic, oc, h, w, k;
    int64_t weights_row;
    bool blocked_weights, plain_source;
    od_type type;
    od_algorithm algorithm;
} od_convolution;

/// dst = conv(src, weights), or dst += with accumulate. All creators return NULL where oneDNN has no implementation.
od_op *od_convolution_forward(
    od_context *context, const od_convolution *shape, const void *src, const float *weights, void *dst, bool accumulate);
od_op *od_convolution_backward_data(
    od_context *context, const od_convolution *shape, const void *diff_dst, const float *weights, void *diff_src);
od_op *od_convolution_backward_weights(
    od_context *context, const od_convolution *shape, const void *src, const void *diff_dst, float *diff_weights);

/// A transposed convolution 2x2 with stride 2, without bias: n x ic x h x w to n x oc x 2h x 2w.
/// weights: f32, plain (ic, oc, 2, 2), or in blocks (ic / 16, oc / 16, 2, 2, 16 outputs, 16 inputs).
typedef struct {
    int n, ic, oc, h, w;
    bool blocked_weights;
    od_type type;
} od_up;

od_op *od_up_forward(od_context *context, const od_up *shape, const void *src, const float *weights, void *dst);
od_op *od_up_backward_data(
    od_context *context, const od_up *shape, const void *diff_dst, const float *weights, void *diff_src);
od_op *od_up_backward_weights(
    od_context *context, const od_up *shape, const void *src, const void *diff_dst, float *diff_weights);

/// Batch normalisation with ReLU over n x c x h x w; statistics, scale and shift are f32 of c elements.
typedef struct {
    int n, c, h, w;
    float epsilon;
    od_type type;
    /// Training takes mean and variance as they are; backward then leaves out what flows through the two, which
    /// od_subtract_flow takes off.
    bool given_statistics;
} od_normalization;

/// Bytes of the workspace that training keeps from forward to backward; none in bf16.
int64_t od_normalization_workspace(od_context *context, const od_normalization *shape);
od_op *od_normalization_training(
    od_context *context, const od_normalization *shape, const void *src, const float *scale, const float *shift,
    float *mean, float *variance, void *dst, void *workspace);
od_op *od_normalization_inference(
    od_context *context, const od_normalization *shape, const void *src, const float *scale, const float *shift,
    const float *mean, const float *variance, void *dst);
/// In place: diff becomes the gradient of src.
od_op *od_normalization_backward(
    od_context *context, const od_normalization *shape, const void *src, const float *scale, const float *shift,
    const float *mean, const float *variance, const void *workspace, void *diff, float *diff_scale, float *diff_shift);

// Small loops over blocked activations that oneDNN does not have, or not fast. `type` is the activations' type.

/// data[n, c, ...] += bias[c].
void od_add_bias(od_type type, int n, int c, int64_t pixels, void *data, const float *bias);
/// sums[c] = sum of data over images and pixels.
void od_sum_channels(od_type type, int n, int c, int64_t pixels, const void *data, float *sums);
/// sums[c] = sum of data, squares[c] = sum of its squares, over images and pixels.
void od_channel_moments(od_type type, int n, int c, int64_t pixels, const void *data, double *sums, double *squares);
/// diff[n, c, ...] -= offset[c] + slope[c] * (data[n, c, ...] - mean[c]).
void od_subtract_flow(
    od_type type, int n, int c, int64_t pixels, const void *data, const float *mean, const float *offset,
    const float *slope, void *diff);
/// Max pooling 2x2 of n x c x h x w; `choices` is a byte for each result.
void od_pool(od_type type, int n, int c, int h, int w, const void *src, void *dst, uint8_t *choices);
/// Its gradient: adds that of each result to diff_src where the result is from.
void od_pool_backward(
    od_type type, int n, int c, int h, int w, const void *diff_dst, const uint8_t *choices, void *diff_src);
/// Every pixel of n x c x h x w four times: dst is n x c x 2h x 2w.
void od_repeat(od_type type, int n, int c, int h, int w, const void *src, void *dst);
/// Its gradient: diff_src is the sum of the four pixels of diff_dst.
void od_repeat_backward(od_type type, int n, int c, int h, int w, const void *diff_dst, void *diff_src);
/// Gradient of the weights (oc, 1, 3, 3) of the first convolution: oneDNN's own is a reference loop on AVX2.
void od_first_weights(od_type type, int n, int oc, int h, int w, const float *image, const void *diff, float *weights);

/// The 1x1 head on blocked features n x c x pixels: logits = bias + sum over c of weights[c] * features.
void od_head_forward(
    od_type type, int n, int c, int64_t pixels, const void *features, const float *weights, float bias, float *logits);
/// Its gradients; the padding of diff_features becomes zero.
void od_head_backward(
    od_type type, int n, int c, int64_t pixels, const void *features, const float *weights, const float *diff_logits,
    void *diff_features, float *diff_weights, float *diff_bias);

/// What the loss is made of: sums over pixels of the cross-entropy with logits, of p g, of p and of g, where p is a
/// pixel's probability and g its mask.
typedef struct {
    double entropy, overlap, predicted, present;
} od_loss_sums;

/// The sums for `count` logits and masks of 0 or 1; leaves the probabilities. No number where a logit is none.
od_loss_sums od_loss(int64_t count, const float *logits, const float *masks, float *probabilities);

/// Factors of the gradient by a logit: entropy * (p - g) + (on_mask * g + everywhere) * p * (1 - p).
typedef struct {
    float entropy, on_mask, everywhere;
} od_loss_slopes;

void od_loss_gradients(
    int64_t count, od_loss_slopes slopes, const float *probabilities, const float *masks, float *gradients);

/// What one step of Adam needs beside the arrays: rate is the learning rate over the correction of the first moment,
/// correction the square root of that of the second.
typedef struct {
    float rate, beta1, beta2, epsilon, correction;
} od_adam_step;

/// One update of `count` values from their gradients and moments; of blocked weights the halves too, where there are any.
void od_adam(
    int64_t count, od_adam_step step, const float *gradients, float *first, float *second, float *values,
    od_half_weights halves);

// The 16-bit types. Rounding is to nearest, ties to even; what is too large for od_f16 becomes infinite.

/// Packs f32 into od_bf16 or od_f16.
void od_pack(od_type type, int64_t count, const float *values, uint16_t *packed);
/// Widens od_bf16 or od_f16 to f32.
void od_unpack(od_type type, int64_t count, const uint16_t *packed, float *values);
/// Rounds f32 to the values that the type has.
void od_round(od_type type, int64_t count, float *values);
/// Multiplies by the factor; false where a result is infinite or no number.
bool od_unscale(int64_t count, float factor, float *values);

/// The vector instructions that multiply and add values of the type here (f32, bf16, 8 bits); NULL without any.
const char *od_multiply_add_instructions(od_type type);
/// Multiplies and adds in registers for so many rounds; the number of products, 0 without instructions for the type.
int64_t od_multiply_add(od_type type, int64_t rounds);

// Inference in int8 with channels last; every channel count is the same in memory, without padding.

/// A convolution of kernel k with the same output size, or a transposed one of kernel 2 and stride 2.
///
/// A source is u8 or s8; so is the target, and ReLU is applied where it is u8.
typedef struct {
    int n, ic, oc, h, w, k;
    bool transposed, signed_source, signed_target;
} od_int8;

/// dst = round(scales[c] * (sum + bias[c])). weights: s8, plain (oc, ic, k, k), copied; bias must stay where it is.
od_op *od_int8_convolution(
    od_context *context, const od_int8 *shape, const void *src, const int8_t *weights, const float *bias,
    const float *scales, void *dst);
/// 2x2 max pooling of u8; h and w of the source.
od_op *od_int8_pool(od_context *context, int n, int c, int h, int w, const void *src, void *dst);
/// The largest absolute value.
float od_peak(int64_t count, const float *values);
/// u8 from f32, or s8: round(factor * value), saturated.
void od_int8_quantize(int64_t count, float factor, bool is_signed, const float *values, void *quantized);
/// Every pixel of n x h x w x c four times.
void od_int8_repeat(int n, int c, int h, int w, const void *src, void *dst);
/// 2c channels from twice u8 as they are.
void od_int8_append(int64_t pixels, int c, const uint8_t *first, const uint8_t *second, uint8_t *joined);
/// s8 with 2c channels from the skip's u8, halved since s8 has one bit less above zero, and the upsampled s8.
void od_int8_join(int64_t pixels, int c, const uint8_t *skip, const int8_t *up, int8_t *joined);
/// The 1x1 head in f32: logits = bias + sum over c of weights[c] * features.
void od_int8_head(
    int64_t pixels, int c, const uint8_t *features, const float *weights, float bias, float *logits);
