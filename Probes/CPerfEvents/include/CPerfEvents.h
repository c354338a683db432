#pragma once
#include <stdint.h>

// The one call that Swift cannot make: `syscall` is variadic, and the bit fields of `struct perf_event_attr` are not
// imported. The C library has no function of its own for it.

// The size of the attributes that this build knows, and that of their first version, which every kernel takes.
extern const uint32_t cperfevents_size;
extern const uint32_t cperfevents_first_size;

// Opens one counter of everything that runs on one processor and lets it count. `size` is what the kernel is told of
// the attributes' length. A read gives three numbers of 64 bits: the count, and the nanoseconds that it was enabled and
// that it counted. The descriptor, or an errno value below 0.
int cperfevents_open(uint32_t type, uint64_t config, int32_t processor, uint32_t size);
