#define _GNU_SOURCE
#include "CPerfEvents.h"
#include <errno.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

const uint32_t cperfevents_size = sizeof(struct perf_event_attr);
const uint32_t cperfevents_first_size = PERF_ATTR_SIZE_VER0;

int cperfevents_open(uint32_t type, uint64_t config, int32_t processor, uint32_t size) {
    // No bit of `exclude_*`, no sampling: the energy counters refuse them.
    struct perf_event_attr attributes = {
        .type = type,
        .size = size,
        .config = config,
        .read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
    };
    long descriptor = syscall(SYS_perf_event_open, &attributes, -1, processor, -1, PERF_FLAG_FD_CLOEXEC);
    return descriptor < 0 ? -errno : (int)descriptor;
}
