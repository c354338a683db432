#include "library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Newest first; Debian's package names the minor version, upstream's installation both.
static const char *const names[] = {"libpapi.so.7.2", "libpapi.so.7.1", "libpapi.so.7.0",
                                    "libpapi.so.7",   "libpapi.so.6.0", "libpapi.so.6", "libpapi.so"};

// A library takes one major version; the first that it takes is tried first from then on.
static const int versions[] = {PAPI_VER_CURRENT, 0x07020000, 0x07010000, 0x07000000, 0x06000000};

static int resolve(struct cpapi_library *library) {
    struct { const char *name; void *place; } symbols[] = {
        {"PAPI_library_init", &library->library_init},
        {"PAPI_strerror", &library->strerror},
        {"PAPI_num_components", &library->num_components},
        {"PAPI_get_component_info", &library->get_component_info},
        {"PAPI_event_name_to_code", &library->event_name_to_code},
        {"PAPI_event_code_to_name", &library->event_code_to_name},
        {"PAPI_query_event", &library->query_event},
        {"PAPI_get_event_info", &library->get_event_info},
        {"PAPI_get_event_component", &library->get_event_component},
        {"PAPI_enum_cmp_event", &library->enum_cmp_event},
        {"PAPI_create_eventset", &library->create_eventset},
        {"PAPI_assign_eventset_component", &library->assign_eventset_component},
        {"PAPI_attach", &library->attach},
        {"PAPI_set_opt", &library->set_opt},
        {"PAPI_add_named_event", &library->add_named_event},
        {"PAPI_start", &library->start},
        {"PAPI_read", &library->read},
        {"PAPI_stop", &library->stop},
        {"PAPI_cleanup_eventset", &library->cleanup_eventset},
        {"PAPI_destroy_eventset", &library->destroy_eventset},
    };
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        void *symbol = dlsym(library->handle, symbols[i].name);
        if (!symbol) return 0;
        // A function's address through void * is what dlsym promises, and C forbids to assign.
        memcpy(symbols[i].place, &symbol, sizeof symbol);
    }
    // In the library itself, or in the libpfm that it loads.
    void *encode = dlsym(library->handle, "pfm_get_os_event_encoding");
    memcpy(&library->encode, &encode, sizeof encode);
    return 1;
}

struct cpapi_library *cpapi_load(const char *path, char *problem, size_t size) {
    void *handle = NULL;
    // The first name's words would be about a version that nobody asked for: the last name's are the plain ones.
    if (path) handle = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
    else for (size_t i = 0; !handle && i < sizeof names / sizeof *names; i++)
        handle = dlopen(names[i], RTLD_LAZY | RTLD_LOCAL);
    if (!handle) {
        const char *words = dlerror();
        snprintf(problem, size, "%s", words ? words : "it does not load");
        return NULL;
    }
    struct cpapi_library *library = calloc(1, sizeof *library);
    if (!library) {
        snprintf(problem, size, "no memory");
        return NULL;
    }
    library->handle = handle;
    if (resolve(library)) return library;
    snprintf(problem, size, "it lacks a function that PAPI 6 and 7 have");
    free(library);
    return NULL;
}

int cpapi_start(struct cpapi_library *library) {
    int code = PAPI_EINVAL;
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        code = library->library_init(versions[i]);
        if (code > 0) {
            library->version = code;
            return PAPI_OK;
        }
        // Only "not my version" is worth another try.
        if (code != PAPI_EINVAL) return code;
    }
    return code;
}

int cpapi_version(const struct cpapi_library *library) { return library->version; }

const char *cpapi_words(const struct cpapi_library *library, int code) {
    const char *words = library->strerror(code);
    return words ? words : "an error that it has no words for";
}

int cpapi_component_count(const struct cpapi_library *library) { return library->num_components(); }

const char *cpapi_component_name(const struct cpapi_library *library, int index) {
    const PAPI_component_info_t *info = library->get_component_info(index);
    return info ? info->name : "";
}

const char *cpapi_component_reason(const struct cpapi_library *library, int index) {
    const PAPI_component_info_t *info = library->get_component_info(index);
    return info ? info->disabled_reason : "";
}

// Whether the struct of papi.h is the library's: what stands behind the reason has other offsets in other versions,
// since its length changed.
static int is_same_version(const struct cpapi_library *library) { return library->version == PAPI_VER_CURRENT; }

int cpapi_component_is_disabled(const struct cpapi_library *library, int index) {
    const PAPI_component_info_t *info = library->get_component_info(index);
    if (!info) return 1;
    if (!is_same_version(library)) return info->disabled_reason[0] && !strstr(info->disabled_reason, "Not initialized");
    return info->disabled != PAPI_OK && info->disabled != PAPI_EDELAY_INIT;
}

int cpapi_component_follows_processes(const struct cpapi_library *library, int index) {
    const PAPI_component_info_t *info = library->get_component_info(index);
    if (!info) return 0;
    // The only component of PAPI's that can.
    if (!is_same_version(library)) return strcmp(info->name, "perf_event") == 0;
    return info->attach && info->inherit;
}

int cpapi_find(const struct cpapi_library *library, const char *name, int *code) {
    int status = library->event_name_to_code(name, code);
    // A preset has a code on machines that cannot count it too.
    return status == PAPI_OK ? library->query_event(*code) : status;
}

int cpapi_next(const struct cpapi_library *library, int component, int is_first, int *code, char *name, size_t size) {
    if (is_first) *code = PAPI_NATIVE_MASK;
    int status = library->enum_cmp_event(code, is_first ? PAPI_ENUM_FIRST : PAPI_ENUM_EVENTS, component);
    char full[PAPI_HUGE_STR_LEN] = "";
    if (status == PAPI_OK) status = library->event_code_to_name(*code, full);
    if (status == PAPI_OK) snprintf(name, size, "%s", full);
    return status;
}

int cpapi_component_of(const struct cpapi_library *library, int code) { return library->get_event_component(code); }

void cpapi_describe_event(const struct cpapi_library *library, int code, char *text, size_t size) {
    text[0] = 0;
    // The library writes its own version's struct, which may be longer than ours.
    PAPI_event_info_t *info = calloc(4, sizeof *info);
    if (!info) return;
    if (library->get_event_info(code, info) == PAPI_OK)
        snprintf(text, size, "%.*s", PAPI_HUGE_STR_LEN - 1, info->long_descr);
    free(info);
}
