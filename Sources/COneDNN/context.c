#include "context.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

od_context *od_open(void) {
    od_context *context = calloc(1, sizeof *context);
    if (!context) return NULL;
    if (dnnl_engine_create(&context->engine, dnnl_cpu, 0) != dnnl_success
        || dnnl_stream_create(&context->stream, context->engine, dnnl_stream_default_flags) != dnnl_success) {
        od_close(context);
        return NULL;
    }
    return context;
}

void od_use_threads(int threads) {
    // Looked up rather than linked: oneDNN may be built with another runtime than OpenMP.
    void (*set)(int) = (void (*)(int))dlsym(RTLD_DEFAULT, "omp_set_num_threads");
    if (set) set(threads);
}

void od_close(od_context *context) {
    if (!context) return;
    if (context->stream) dnnl_stream_destroy(context->stream);
    if (context->engine) dnnl_engine_destroy(context->engine);
    free(context);
}

/// The values of dnnl_cpu_isa_t are sets of bits: AVX2-VNNI is a larger number than AVX-512, and no superset of it.
static bool od_has(dnnl_cpu_isa_t wanted) { return (dnnl_get_effective_cpu_isa() & wanted) == wanted; }

int od_block(void) { return od_has(dnnl_cpu_isa_avx512_core) ? 16 : 8; }

bool od_computes_bf16(void) { return od_has(dnnl_cpu_isa_avx512_core_bf16); }

int od_padded(int channels) { return (channels + od_block() - 1) / od_block() * od_block(); }

dnnl_format_tag_t od_blocked_tag(void) { return od_block() == 16 ? dnnl_nChw16c : dnnl_nChw8c; }

bool od_computes_int8(void) { return od_has(dnnl_cpu_isa_avx512_core_vnni) || od_has(dnnl_cpu_isa_avx2_vnni); }

dnnl_data_type_t od_data_type(od_type type) {
    return type == od_bf16 ? dnnl_bf16 : type == od_f16 ? dnnl_f16 : dnnl_f32;
}

dnnl_memory_desc_t od_blocked(od_type type, int n, int c, int h, int w) {
    dnnl_memory_desc_t memory;
    dnnl_dims_t dims = {n, c, h, w};
    dnnl_memory_desc_init_by_tag(&memory, 4, dims, od_data_type(type), od_blocked_tag());
    return memory;
}

int64_t od_activation_bytes(od_type type, int n, int c, int h, int w) {
    dnnl_memory_desc_t memory = od_blocked(type, n, c, h, w);
    return (int64_t)dnnl_memory_desc_get_size(&memory);
}

static int64_t pages(int64_t bytes) { return (bytes + 4095) / 4096 * 4096; }

int64_t od_scratch_bytes(const od_context *context) { return context->scratch_bytes; }

void od_set_scratch(od_context *context, void *scratch) { context->scratch = scratch; }

void od_set_half_weights(od_context *context, int64_t count, const float *values, od_half_weights halves) {
    context->weights_count = count;
    context->weights = values;
    context->halves = halves;
}

void od_need(od_op *op, int64_t scratch, int64_t weights) {
    op->scratch_bytes += pages(scratch);
    int64_t bytes = op->scratch_bytes + pages(weights);
    if (bytes > op->context->scratch_bytes) op->context->scratch_bytes = bytes;
}

void *od_shared_weights(const od_op *op) { return (char *)op->context->scratch + op->scratch_bytes; }

dnnl_primitive_desc_t od_describe(
    od_context *context, const void *descriptor, dnnl_primitive_desc_t hint, const dnnl_primitive_attr_t attr) {
    dnnl_primitive_attr_t own = NULL;
    if (attr) {
        if (dnnl_primitive_attr_clone(&own, attr) != dnnl_success) return NULL;
    } else if (dnnl_primitive_attr_create(&own) != dnnl_success) {
        return NULL;
    }
    dnnl_primitive_attr_set_scratchpad_mode(own, dnnl_scratchpad_mode_user);
    dnnl_primitive_desc_t description = NULL;
    if (dnnl_primitive_desc_create(&description, descriptor, own, context->engine, hint) != dnnl_success) {
        description = NULL;
    }
    dnnl_primitive_attr_destroy(own);
    return description;
}

od_op *od_from_description(od_context *context, dnnl_primitive_desc_t description) {
    if (!description) return NULL;
    od_op *op = calloc(1, sizeof *op);
    if (!op) return NULL;
    op->context = context;
    const char *name = "unknown";
    dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, (void *)&name);
    snprintf(op->implementation, sizeof op->implementation, "%s", name);
    if (dnnl_primitive_create(&op->main.primitive, description) != dnnl_success) {
        free(op);
        return NULL;
    }
    const dnnl_memory_desc_t *scratch = dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0);
    int64_t bytes = scratch ? (int64_t)dnnl_memory_desc_get_size(scratch) : 0;
    op->scratch_argument = op->weights_argument = -1;
    if (bytes > 0) {
        od_need(op, bytes, 0);
        op->scratch_argument = op->main.count;
        od_bind(context, &op->main, DNNL_ARG_SCRATCHPAD, scratch, NULL);
    }
    return op;
}

od_op *od_make_loop(
    od_context *context, const char *name, void (*loop)(od_op *), int64_t scratch, const void *own, size_t bytes) {
    od_op *op = calloc(1, sizeof *op);
    void *copy = malloc(bytes);
    if (!op || !copy) {
        free(op);
        free(copy);
        return NULL;
    }
    op->context = context;
    op->own = memcpy(copy, own, bytes);
    op->scratch_argument = op->weights_argument = -1;
    op->loop = loop;
    od_need(op, scratch, 0);
    snprintf(op->implementation, sizeof op->implementation, "%s", name);
    return op;
}

od_op *od_make(
    od_context *context, const void *descriptor, dnnl_primitive_desc_t hint, const dnnl_primitive_attr_t attr) {
    dnnl_primitive_desc_t description = od_describe(context, descriptor, hint, attr);
    od_op *op = od_from_description(context, description);
    if (description) dnnl_primitive_desc_destroy(description);
    return op;
}

void od_bind(od_context *context, od_bound *bound, int argument, const dnnl_memory_desc_t *memory, const void *data) {
    if (bound->count == od_max_arguments) return;
    dnnl_memory_t handle = NULL;
    dnnl_memory_create(&handle, memory, context->engine, (void *)data);
    bound->arguments[bound->count].arg = argument;
    bound->arguments[bound->count].memory = handle;
    bound->count += 1;
}

void *od_zeroed(size_t bytes) {
    size_t rounded = (bytes + 4095) / 4096 * 4096;
    void *memory = aligned_alloc(4096, rounded ? rounded : 4096);
    if (memory) memset(memory, 0, rounded);
    return memory;
}

void od_unbind(od_bound *bound) {
    for (int i = 0; i < bound->count; i++) dnnl_memory_destroy(bound->arguments[i].memory);
    if (bound->primitive) dnnl_primitive_destroy(bound->primitive);
}

void od_free(od_op *op) {
    if (!op) return;
    od_unbind(&op->before);
    od_unbind(&op->main);
    od_unbind(&op->after);
    free(op->own_weights);
    free(op->own);
    free(op);
}

dnnl_status_t od_execute(od_op *op, od_bound *bound) {
    if (!bound->primitive) return dnnl_success;
    return dnnl_primitive_execute(bound->primitive, op->context->stream, bound->count, bound->arguments);
}

int od_run(od_op *op) {
    if (op->scratch_argument >= 0) {
        dnnl_memory_set_data_handle(op->main.arguments[op->scratch_argument].memory, op->context->scratch);
    }
    if (op->weights_argument >= 0) {
        void *weights = od_shared_weights(op);
        // A reorder's first argument is what it is from, its second what it is to.
        if (op->before.primitive) dnnl_memory_set_data_handle(op->before.arguments[1].memory, weights);
        if (op->after.primitive) dnnl_memory_set_data_handle(op->after.arguments[0].memory, weights);
        dnnl_memory_set_data_handle(op->main.arguments[op->weights_argument].memory, weights);
    }
    if (op->prepare) op->prepare(op);
    dnnl_status_t status = od_execute(op, &op->before);
    if (status == dnnl_success) status = od_execute(op, &op->main);
    if (op->loop) op->loop(op);
    if (status == dnnl_success) status = od_execute(op, &op->after);
    if (status == dnnl_success) status = dnnl_stream_wait(op->context->stream);
    return (int)status;
}

const char *od_implementation(const od_op *op) { return op->implementation; }
