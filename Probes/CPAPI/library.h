#pragma once
#include "CPAPI.h"

#include <papi.h>

// The functions of a loaded library, typed as papi.h declares them.
struct cpapi_library {
    void *handle;
    int version;
    __typeof__(&PAPI_library_init) library_init;
    __typeof__(&PAPI_strerror) strerror;
    __typeof__(&PAPI_num_components) num_components;
    __typeof__(&PAPI_get_component_info) get_component_info;
    __typeof__(&PAPI_event_name_to_code) event_name_to_code;
    __typeof__(&PAPI_event_code_to_name) event_code_to_name;
    __typeof__(&PAPI_query_event) query_event;
    __typeof__(&PAPI_get_event_info) get_event_info;
    __typeof__(&PAPI_get_event_component) get_event_component;
    __typeof__(&PAPI_enum_cmp_event) enum_cmp_event;
    __typeof__(&PAPI_create_eventset) create_eventset;
    __typeof__(&PAPI_assign_eventset_component) assign_eventset_component;
    __typeof__(&PAPI_attach) attach;
    __typeof__(&PAPI_set_opt) set_opt;
    __typeof__(&PAPI_add_named_event) add_named_event;
    __typeof__(&PAPI_start) start;
    __typeof__(&PAPI_read) read;
    __typeof__(&PAPI_stop) stop;
    __typeof__(&PAPI_cleanup_eventset) cleanup_eventset;
    __typeof__(&PAPI_destroy_eventset) destroy_eventset;
    int (*encode)(const char *name, int privileges, int system, void *argument);
};
