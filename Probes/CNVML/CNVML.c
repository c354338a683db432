#include "CNVML.h"
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

_Static_assert(sizeof(struct cnvml_field_value) == 40, "nvmlFieldValue_t");
_Static_assert(offsetof(struct cnvml_field_value, timestamp) == 8, "nvmlFieldValue_t.timestamp");
_Static_assert(offsetof(struct cnvml_field_value, type) == 24, "nvmlFieldValue_t.valueType");
_Static_assert(offsetof(struct cnvml_field_value, value) == 32, "nvmlFieldValue_t.value");
_Static_assert(sizeof(struct cnvml_pci) == 68, "nvmlPciInfo_t");
_Static_assert(offsetof(struct cnvml_pci, bus_id) == 36, "nvmlPciInfo_t.busId");

// The address of the first of up to three names that the library has: newest version first.
static void *find(void *library, const char *first, const char *second, const char *third) {
    void *address = dlsym(library, first);
    if (address == NULL && second != NULL) address = dlsym(library, second);
    if (address == NULL && third != NULL) address = dlsym(library, third);
    return address;
}

int cnvml_load(const char *path, struct cnvml_functions *functions, char *reason, size_t length) {
    memset(functions, 0, sizeof *functions);
    void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
    if (library == NULL) {
        const char *words = dlerror();
        snprintf(reason, length, "%s", words != NULL ? words : "no reason given");
        return -1;
    }
    struct cnvml_functions *f = functions;
    f->start = find(library, "nvmlInit_v2", "nvmlInit", NULL);
    f->stop = find(library, "nvmlShutdown", NULL, NULL);
    f->driver_version = find(library, "nvmlSystemGetDriverVersion", NULL, NULL);
    f->count = find(library, "nvmlDeviceGetCount_v2", "nvmlDeviceGetCount", NULL);
    f->device = find(library, "nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex", NULL);
    f->uuid = find(library, "nvmlDeviceGetUUID", NULL, NULL);
    f->name = find(library, "nvmlDeviceGetName", NULL, NULL);
    f->pci = find(library, "nvmlDeviceGetPciInfo_v3", "nvmlDeviceGetPciInfo_v2", "nvmlDeviceGetPciInfo");
    f->compute_capability = find(library, "nvmlDeviceGetCudaComputeCapability", NULL, NULL);
    f->architecture = find(library, "nvmlDeviceGetArchitecture", NULL, NULL);
    f->total_energy = find(library, "nvmlDeviceGetTotalEnergyConsumption", NULL, NULL);
    f->power_usage = find(library, "nvmlDeviceGetPowerUsage", NULL, NULL);
    f->power_limit =
        find(library, "nvmlDeviceGetEnforcedPowerLimit", "nvmlDeviceGetPowerManagementLimit", NULL);
    f->limit_range = find(library, "nvmlDeviceGetPowerManagementLimitConstraints", NULL, NULL);
    f->field_values = find(library, "nvmlDeviceGetFieldValues", NULL, NULL);
    f->clock_reasons = find(library, "nvmlDeviceGetCurrentClocksEventReasons",
                            "nvmlDeviceGetCurrentClocksThrottleReasons", NULL);
    f->mig_mode = find(library, "nvmlDeviceGetMigMode", NULL, NULL);
    f->mig_count = find(library, "nvmlDeviceGetMaxMigDeviceCount", NULL, NULL);
    f->mig_device = find(library, "nvmlDeviceGetMigDeviceHandleByIndex", NULL, NULL);
    return 0;
}
