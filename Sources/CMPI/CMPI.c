#include "CMPI.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// OpenMPI's handles are pointers; the numbers are those of its mpi.h since 1.3.
typedef void *handle;
typedef void operation(void *in, void *inout, int *count, handle *type);
enum { thread_funneled = 1 };
#define IN_PLACE ((void *)1)
#define IGNORED ((void *)0)
static const int64_t longest = 1 << 30;

static struct {
    int (*init)(int *, char ***, int, int *);
    int (*comm_rank)(handle, int *);
    int (*comm_size)(handle, int *);
    int (*allreduce)(const void *, void *, int, handle, handle, handle);
    int (*iallreduce)(const void *, void *, int, handle, handle, handle, handle *);
    int (*test)(handle *, int *, void *);
    int (*wait)(handle *, void *);
    int (*op_create)(operation *, int, handle *);
    int (*abort)(handle, int);
    int (*finalize)(void);
    handle world, f32, f64, u16, u64, sum, max, bf16_sum;
} mpi;

static int joined, rank, size, active;
static double since, busy, waited;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void enter(void) {
    if (active++ == 0) since = now();
}

static void leave(void) {
    if (--active == 0) busy += now() - since;
}

static float widened(uint16_t value) {
    uint32_t bits = (uint32_t)value << 16;
    float result;
    memcpy(&result, &bits, sizeof result);
    return result;
}

/// To nearest, ties to even; a NaN stays one.
static uint16_t rounded(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    if ((bits & 0x7fffffffu) > 0x7f800000u) return (uint16_t)(bits >> 16 | 0x40u);
    return (uint16_t)((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

static void add_bf16(void *in, void *inout, int *count, handle *type) {
    (void)type;
    const uint16_t *from = in;
    uint16_t *to = inout;
    for (int i = 0; i < *count; i++) to[i] = rounded(widened(from[i]) + widened(to[i]));
}

/// Errors end all ranks by themselves (MPI_ERRORS_ARE_FATAL); what comes back nevertheless does so here.
static void check(int status) {
    if (status) cmpi_abort(70);
}

static int find(void *library) {
    const struct { void *place; const char *name; } names[] = {
        {&mpi.init, "MPI_Init_thread"}, {&mpi.comm_rank, "MPI_Comm_rank"}, {&mpi.comm_size, "MPI_Comm_size"},
        {&mpi.allreduce, "MPI_Allreduce"}, {&mpi.iallreduce, "MPI_Iallreduce"}, {&mpi.test, "MPI_Test"},
        {&mpi.wait, "MPI_Wait"}, {&mpi.op_create, "MPI_Op_create"}, {&mpi.abort, "MPI_Abort"},
        {&mpi.finalize, "MPI_Finalize"}, {&mpi.world, "ompi_mpi_comm_world"}, {&mpi.f32, "ompi_mpi_float"},
        {&mpi.f64, "ompi_mpi_double"}, {&mpi.u16, "ompi_mpi_uint16_t"}, {&mpi.u64, "ompi_mpi_uint64_t"},
        {&mpi.sum, "ompi_mpi_op_sum"}, {&mpi.max, "ompi_mpi_op_max"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        void *address = dlsym(library, names[i].name);
        if (!address) return 0;
        memcpy(names[i].place, &address, sizeof address);
    }
    return 1;
}

cmpi_outcome cmpi_join(char *reason, size_t length) {
    // Global, since OpenMPI's own plugins look for its symbols.
    void *library = dlopen("libmpi.so.40", RTLD_NOW | RTLD_GLOBAL);
    if (!library) {
        const char *words = dlerror();
        snprintf(reason, length, "%s", words ? words : "no reason given");
        library = dlopen("libmpi.so", RTLD_NOW | RTLD_GLOBAL);
    }
    if (!library) return cmpi_missing;
    if (!find(library)) return cmpi_foreign;
    int provided = -1;
    if (mpi.init(NULL, NULL, thread_funneled, &provided) || provided < thread_funneled) return cmpi_failed;
    if (mpi.comm_rank(mpi.world, &rank) || mpi.comm_size(mpi.world, &size)) return cmpi_failed;
    if (mpi.op_create(add_bf16, 1, &mpi.bf16_sum)) return cmpi_failed;
    joined = 1;
    return cmpi_joined;
}

int cmpi_is_joined(void) { return joined; }
int cmpi_rank(void) { return rank; }
int cmpi_size(void) { return size; }

static handle type_of(cmpi_type type) { return type == cmpi_f32 ? mpi.f32 : type == cmpi_f64 ? mpi.f64 : mpi.u16; }
static handle sum_of(cmpi_type type) { return type == cmpi_bf16 ? mpi.bf16_sum : mpi.sum; }

void cmpi_sum(cmpi_type type, void *values, int64_t count) {
    if (count > longest) cmpi_abort(70);
    double start = now();
    enter();
    check(mpi.allreduce(IN_PLACE, values, (int)count, type_of(type), sum_of(type), mpi.world));
    leave();
    waited += now() - start;
}

void cmpi_largest(uint64_t *values, int count) {
    check(mpi.allreduce(IN_PLACE, values, count, mpi.u64, mpi.max, mpi.world));
}

void *cmpi_start(cmpi_type type, void *values, int64_t count) {
    handle request = NULL;
    if (count > longest) cmpi_abort(70);
    enter();
    check(mpi.iallreduce(IN_PLACE, values, (int)count, type_of(type), sum_of(type), mpi.world, &request));
    return request;
}

int cmpi_is_done(void **request) {
    int done = 0;
    check(mpi.test(request, &done, IGNORED));
    if (done) leave();
    return done;
}

void cmpi_wait(void **request) {
    double start = now();
    check(mpi.wait(request, IGNORED));
    leave();
    waited += now() - start;
}

double cmpi_busy_seconds(void) { return busy; }
double cmpi_waited_seconds(void) { return waited; }

void cmpi_abort(int status) {
    if (joined) mpi.abort(mpi.world, status);
    exit(status);
}

void cmpi_leave(void) {
    if (!joined) return;
    joined = 0;
    mpi.finalize();
}
