// The few calls of MPI that data parallel training needs, on an OpenMPI that is loaded when it is asked for.
//
// It is C because OpenMPI's handles are the addresses of objects in its library, which Swift cannot name without its
// headers, and because an operation of MPI is a C function. One thread may call: MPI_THREAD_FUNNELED.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Types of what is added up; bf16 is the upper half of an f32, added up in f32 and rounded after each addition.
typedef enum { cmpi_f32 = 0, cmpi_f64 = 1, cmpi_bf16 = 2 } cmpi_type;

/// What opening the library came to.
typedef enum { cmpi_joined = 0, cmpi_missing = 1, cmpi_foreign = 2, cmpi_failed = 3 } cmpi_outcome;

/// Loads OpenMPI and calls MPI_Init_thread; `reason` gets the loader's words where there is no library.
cmpi_outcome cmpi_join(char *reason, size_t length);

/// Whether MPI has begun and not ended.
int cmpi_is_joined(void);
int cmpi_rank(void);
int cmpi_size(void);

/// Adds up over all ranks, in place, and waits for it.
void cmpi_sum(cmpi_type type, void *values, int64_t count);
/// The largest of each value over all ranks, in place.
void cmpi_largest(uint64_t *values, int count);

/// Starts to add up over all ranks, in place; the values must lie still until cmpi_is_done or cmpi_wait says so.
void *cmpi_start(cmpi_type type, void *values, int64_t count);
/// Lets a sum go on, and tells whether it is done; then its request is no more.
int cmpi_is_done(void **request);
/// Waits for a sum.
void cmpi_wait(void **request);

/// Seconds in which any sum was under way, and those of them in which the caller waited.
double cmpi_busy_seconds(void);
double cmpi_waited_seconds(void);

/// Ends all ranks with a status; does not return where MPI has begun.
void cmpi_abort(int status);
/// Waits for all ranks and ends MPI.
void cmpi_leave(void);
