#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// A thin layer over PAPI, version 6 or 7, which is loaded at run time. In C because PAPI's structs change their
// offsets with the version and its versions and options are macros and unions; papi.h knows them.

// A loaded library. It stays loaded for the life of the process: PAPI keeps state that cannot be made anew.
struct cpapi_library;

// Events of one component that are counted together.
struct cpapi_set;

// Loads the library at `path`, or the first of the known names where it is NULL. NULL where none loads; `problem`
// then holds the loader's words. Calls nothing of PAPI's.
struct cpapi_library *cpapi_load(const char *path, char *problem, size_t size);

// Starts PAPI, by the versions that its interface may have. 0, or PAPI's code.
int cpapi_start(struct cpapi_library *library);

// What PAPI said its version is, as 0x07000000; 0 before the start.
int cpapi_version(const struct cpapi_library *library);

// PAPI's own words for one of its codes.
const char *cpapi_words(const struct cpapi_library *library, int code);

// The components in the library, by index. The reason is why one is disabled, in PAPI's words; one that wakes up with
// its first event is not. One that follows processes can be attached to a process and its children.
int cpapi_component_count(const struct cpapi_library *library);
const char *cpapi_component_name(const struct cpapi_library *library, int index);
const char *cpapi_component_reason(const struct cpapi_library *library, int index);
int cpapi_component_is_disabled(const struct cpapi_library *library, int index);
int cpapi_component_follows_processes(const struct cpapi_library *library, int index);

// Looks up one event by name: 0 and its code, or PAPI's error code.
int cpapi_find(const struct cpapi_library *library, const char *name, int *code);

// The next event of a component after `code`, or the first where `is_first`. 0, or PAPI's code at the end.
int cpapi_next(const struct cpapi_library *library, int component, int is_first, int *code, char *name, size_t size);

// The component of an event, or PAPI's error code; and what PAPI says that the event is, empty where it says nothing.
int cpapi_component_of(const struct cpapi_library *library, int code);
void cpapi_describe_event(const struct cpapi_library *library, int code, char *text, size_t size);

// An event set of one component; with a `pid` other than 0 it counts that process and the children that it will
// have. NULL where PAPI refuses; `code` is why.
struct cpapi_set *cpapi_make_set(const struct cpapi_library *library, int component, pid_t pid, int *code);

// Whether an attached set counts in the kernel too, which a user may be refused.
int cpapi_sees_kernel(const struct cpapi_set *set);

// Adds an event, starts, reads all running totals: 0, or PAPI's code. A read asks for no memory.
int cpapi_add(struct cpapi_set *set, const char *name);
int cpapi_run(struct cpapi_set *set);
int cpapi_read(struct cpapi_set *set, int64_t *values);

// Stops and gives back a set.
void cpapi_free_set(struct cpapi_set *set);

// Opens the kernel's own counter of a software event, as libpfm behind PAPI encodes its name, on a process and the
// children that it will have; `sees_kernel` as above. A descriptor, or a negative errno value: -ENOTSUP where the event needs hardware or
// there is no libpfm.
int cpapi_open_software_event(const struct cpapi_library *library, const char *name, pid_t pid, int *sees_kernel);
