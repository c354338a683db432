#include "library.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct cpapi_set {
    const struct cpapi_library *library;
    int set;
    int is_running;
    int sees_kernel;
    int count;
    long long *stopped; // what PAPI_stop writes
};

struct cpapi_set *cpapi_make_set(const struct cpapi_library *library, int component, pid_t pid, int *code) {
    struct cpapi_set *made = calloc(1, sizeof *made);
    if (!made) {
        *code = PAPI_ENOMEM;
        return NULL;
    }
    made->library = library;
    made->set = PAPI_NULL;
    *code = library->create_eventset(&made->set);
    if (*code == PAPI_OK) *code = library->assign_eventset_component(made->set, component);
    // Before the first event: its counter is opened with what the set knows then.
    if (*code == PAPI_OK && pid) *code = library->attach(made->set, (unsigned long)pid);
    if (*code == PAPI_OK && pid) {
        PAPI_option_t option;
        memset(&option, 0, sizeof option);
        option.inherit.eventset = made->set;
        option.inherit.inherit = PAPI_INHERIT_ALL;
        *code = library->set_opt(PAPI_INHERIT, &option);
        // The energy is of both modes. Users may be refused the kernel's: then user mode alone is better than nothing.
        memset(&option, 0, sizeof option);
        option.domain.eventset = made->set;
        option.domain.domain = PAPI_DOM_USER | PAPI_DOM_KERNEL;
        if (*code == PAPI_OK) made->sees_kernel = library->set_opt(PAPI_DOMAIN, &option) == PAPI_OK;
    }
    if (*code == PAPI_OK) return made;
    cpapi_free_set(made);
    return NULL;
}

int cpapi_sees_kernel(const struct cpapi_set *set) { return set->sees_kernel; }

int cpapi_add(struct cpapi_set *set, const char *name) {
    long long *values = realloc(set->stopped, (size_t)(set->count + 1) * sizeof *values);
    if (!values) return PAPI_ENOMEM;
    set->stopped = values;
    int code = set->library->add_named_event(set->set, name);
    if (code == PAPI_OK) set->count++;
    return code;
}

int cpapi_run(struct cpapi_set *set) {
    int code = set->library->start(set->set);
    set->is_running = code == PAPI_OK;
    return code;
}

int cpapi_read(struct cpapi_set *set, int64_t *values) {
    _Static_assert(sizeof(long long) == sizeof(int64_t), "PAPI's values are 64 bits wide");
    return set->library->read(set->set, (long long *)values);
}

void cpapi_free_set(struct cpapi_set *set) {
    if (!set) return;
    if (set->is_running) set->library->stop(set->set, set->stopped);
    if (set->set != PAPI_NULL) {
        set->library->cleanup_eventset(set->set);
        set->library->destroy_eventset(&set->set);
    }
    free(set->stopped);
    free(set);
}

// What libpfm takes and gives for Linux's perf events, by its documented binary interface.
struct encoding {
    struct perf_event_attr *attributes;
    char **full_name;
    size_t size;
    int index;
    int cpu;
    int flags;
    int padding;
};

enum { user_and_kernel = 1 | 8, perf_event = 1 };

int cpapi_open_software_event(const struct cpapi_library *library, const char *name, pid_t pid, int *sees_kernel) {
    if (!library->encode) return -ENOTSUP;
    struct perf_event_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.size = sizeof attributes;
    struct encoding encoding = {.attributes = &attributes, .size = sizeof encoding};
    if (library->encode(name, user_and_kernel, perf_event, &encoding) != 0) return -EINVAL;
    if (attributes.type != PERF_TYPE_SOFTWARE && attributes.type != PERF_TYPE_TRACEPOINT) return -ENOTSUP;
    attributes.size = sizeof attributes;
    attributes.inherit = 1;
    long descriptor = syscall(SYS_perf_event_open, &attributes, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);
    *sees_kernel = descriptor >= 0;
    if (descriptor < 0 && (errno == EACCES || errno == EPERM)) {
        attributes.exclude_kernel = attributes.exclude_hv = 1;
        descriptor = syscall(SYS_perf_event_open, &attributes, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);
    }
    return descriptor < 0 ? -errno : (int)descriptor;
}
