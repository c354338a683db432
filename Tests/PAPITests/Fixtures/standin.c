// A PAPI that is no PAPI: its energies grow by the clock at a power that the tests know, and its counts by the reads.
// Compiled by the tests with -DVERSION=..., and with other macros that make it refuse.
#include <papi.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#ifndef ROOM
#define ROOM 4 // counters of its perf_event
#endif

enum { WATTS = 20, COUNTS_A_SECOND = 1000000 };

static const char *const components[] = {"perf_event", "powercap", "nvml", "cray_pm", "coretemp"};

static const struct { const char *name, *description; int component; double rate; } events[] = {
    {"PAPI_TOT_INS", "instructions", 0, COUNTS_A_SECOND},
    {"PAPI_DP_OPS", "operations", 0, 2 * COUNTS_A_SECOND},
    {"perf::TASK-CLOCK", "a clock", 0, 1e9},
    {"PAPI_L1_DCM", "misses", 0, 1},
    {"PAPI_L2_DCM", "misses", 0, 1},
    {"powercap:::ENERGY_UJ:ZONE0", "energy", 1, WATTS * 1e6},
    {"powercap:::NAME:ZONE0", "package-0", 1, 0},
    {"powercap:::ENERGY_UJ:ZONE0_SUBZONE0", "energy", 1, WATTS / 2 * 1e6},
    {"powercap:::NAME:ZONE0_SUBZONE0", "core", 1, 0},
    {"powercap:::ENERGY_UJ:ZONE0_SUBZONE1", "energy", 1, WATTS / 4 * 1e6},
    {"powercap:::NAME:ZONE0_SUBZONE1", "dram", 1, 0},
    {"nvml:::Some_GPU:device_0:total_energy_consumption", "energy", 2, 100e3},
    {"nvml:::Some_GPU:device_0:power", "power", 2, 0},
#ifdef NODE
    {"cray_pm:::PM_ENERGY:NODE", "energy", 3, 300},
    {"cray_pm:::PM_ENERGY:ACC", "energy", 3, 100},
#endif
    {"coretemp:::hwmon0:temp1_input", "temperature", 4, 0},
};

enum { EVENTS = sizeof events / sizeof *events, COMPONENTS = sizeof components / sizeof *components, SETS = 64 };

static struct { int used, component, attached, count, codes[16]; double start; } sets[SETS];
static PAPI_component_info_t infos[COMPONENTS];

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec * 1e-9;
}

int PAPI_library_init(int version) {
    if (version != VERSION) return PAPI_EINVAL;
    for (int i = 0; i < COMPONENTS; i++) {
        memset(&infos[i], 0, sizeof infos[i]);
        strcpy(infos[i].name, components[i]);
        infos[i].attach = infos[i].inherit = i == 0;
    }
#ifdef DISABLED
    strcpy(infos[1].disabled_reason, "Not an Intel processor");
    infos[1].disabled = PAPI_ECMP;
#endif
    return VERSION;
}

char *PAPI_strerror(int code) {
    static char words[32];
    if (code == PAPI_ENOEVNT) return "Event does not exist";
    if (code == PAPI_ECNFLCT) return "Event exists, but cannot be counted due to counter resource limitations";
    if (code == PAPI_EPERM) return "Permission level does not permit operation";
    snprintf(words, sizeof words, "code %d", code);
    return words;
}

int PAPI_num_components(void) { return COMPONENTS; }
const PAPI_component_info_t *PAPI_get_component_info(int i) { return i >= 0 && i < COMPONENTS ? &infos[i] : NULL; }

int PAPI_event_name_to_code(const char *name, int *code) {
    for (int i = 0; i < EVENTS; i++)
        if (!strcmp(events[i].name, name) && !infos[events[i].component].disabled) {
            *code = PAPI_NATIVE_MASK | i;
            return PAPI_OK;
        }
    return PAPI_ENOEVNT;
}

static int place(int code) { return code & 0xFFFF; }

int PAPI_event_code_to_name(int code, char *name) { return strcpy(name, events[place(code)].name), PAPI_OK; }
int PAPI_query_event(int code) { return place(code) < EVENTS ? PAPI_OK : PAPI_ENOEVNT; }
int PAPI_get_event_component(int code) { return events[place(code)].component; }

int PAPI_get_event_info(int code, PAPI_event_info_t *info) {
    memset(info, 0, sizeof *info);
    strcpy(info->symbol, events[place(code)].name);
    strcpy(info->long_descr, events[place(code)].description);
    return PAPI_OK;
}

int PAPI_enum_cmp_event(int *code, int modifier, int component) {
    for (int i = modifier == PAPI_ENUM_FIRST ? 0 : place(*code) + 1; i < EVENTS; i++)
        if (events[i].component == component) {
            *code = PAPI_NATIVE_MASK | i;
            return PAPI_OK;
        }
    return PAPI_ENOEVNT;
}

int PAPI_create_eventset(int *set) {
    for (int i = 0; i < SETS; i++)
        if (!sets[i].used) {
            memset(&sets[i], 0, sizeof sets[i]);
            sets[i].used = 1;
            *set = i;
            return PAPI_OK;
        }
    return PAPI_ENOMEM;
}

int PAPI_assign_eventset_component(int set, int component) { return sets[set].component = component, PAPI_OK; }

int PAPI_attach(int set, unsigned long process) {
#ifdef DENIED
    return PAPI_EPERM;
#endif
    return sets[set].attached = process != 0, PAPI_OK;
}

int PAPI_set_opt(int option, PAPI_option_t *value) {
#ifdef USER_MODE
    if (option == PAPI_DOMAIN) return PAPI_EPERM;
#endif
    if (option == PAPI_DOMAIN) return value->domain.domain == (PAPI_DOM_USER | PAPI_DOM_KERNEL) ? PAPI_OK : PAPI_EINVAL;
    // Without both, the children of a command would not be counted.
    return option == PAPI_INHERIT && value->inherit.inherit == PAPI_INHERIT_ALL && sets[value->inherit.eventset].attached
               ? PAPI_OK
               : PAPI_EINVAL;
}

int PAPI_add_named_event(int set, const char *name) {
    int code, status = PAPI_event_name_to_code(name, &code);
    if (status != PAPI_OK) return status;
    if (events[place(code)].component != sets[set].component) return PAPI_EINVAL;
    if (sets[set].component == 0 && sets[set].count == ROOM) return PAPI_ECNFLCT;
    sets[set].codes[sets[set].count++] = place(code);
    return PAPI_OK;
}

int PAPI_start(int set) {
#ifdef CONFLICTS_AT_START
    if (sets[set].component == 0 && sets[set].count > 1) return PAPI_ECNFLCT;
#endif
    if (sets[set].component == 0 && !sets[set].attached) return PAPI_EINVAL;
    sets[set].start = now();
    return PAPI_OK;
}

int PAPI_read(int set, long long *values) {
    for (int i = 0; i < sets[set].count; i++)
        values[i] = (long long)((now() - sets[set].start) * events[sets[set].codes[i]].rate);
    return PAPI_OK;
}

int PAPI_stop(int set, long long *values) { return PAPI_read(set, values); }
int PAPI_cleanup_eventset(int set) { return sets[set].count = 0, PAPI_OK; }
int PAPI_destroy_eventset(int *set) { return sets[*set].used = 0, *set = PAPI_NULL, PAPI_OK; }
