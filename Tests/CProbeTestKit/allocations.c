#include "CProbeTestKit.h"
#include <errno.h>
#include <stddef.h>

// Counts requests for memory by thread, which glibc's own statistics cannot: `mallinfo2` sees one arena and only what is
// still held. In C because the functions of the C library are replaced here by ones of the same name: the program's
// symbols come before the library's, for its shared libraries too.

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static __thread __attribute__((tls_model("initial-exec"))) uint64_t requests, requested;

uint64_t callocations_of_this_thread(void) { return requests; }
uint64_t callocated_bytes_of_this_thread(void) { return requested; }

void *malloc(size_t size) {
    requests++;
    requested += size;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    requests++;
    requested += count * size;
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size) {
    requests++;
    requested += size;
    return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
    requests++;
    requested += size;
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    requests++;
    requested += size;
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
    requests++;
    requested += size;
    void *memory = __libc_memalign(alignment, size);
    if (memory == NULL) return ENOMEM;
    *result = memory;
    return 0;
}
