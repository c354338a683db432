// NVML's calls over GPUs that a text file describes. In C because it must export C functions from a library of its own,
// as the driver's does. Declared from the interface's description, apart from Probes/CNVML, which it serves to test.
#define _GNU_SOURCE
#include "NVMLStandIn.h"
#include "description.h"
#include <dlfcn.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SUCCESS = 0, UNINITIALIZED = 1, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, INSUFFICIENT_SIZE = 7, GPU_IS_LOST = 15 };

// An older name of a function; not a call, so that either can be hidden.
#define OF(name) __attribute__((alias(#name)))

static struct description description;
static atomic_int users;
static atomic_long virtual_time = -1;

void standin_set_clock(int64_t nanoseconds) { virtual_time = nanoseconds; }

int standin_users(void) { return users; }

static double now(void) {
    int64_t time = virtual_time;
    if (time < 0) {
        struct timespec clock;
        clock_gettime(CLOCK_MONOTONIC, &clock);
        time = clock.tv_sec * 1000000000L + clock.tv_nsec;
    }
    return (double)(time - description.epoch) * 1e-9;
}

// The code that a call is to answer with now, or 0.
static int planned(const struct fault *faults, int count, const char *call) {
    double time = now();
    for (int i = 0; i < count; i++)
        if (!strcmp(faults[i].call, call) && time >= faults[i].from && time < faults[i].to) return faults[i].code;
    return SUCCESS;
}

static int system_call(const char *call) {
    if (users == 0) return UNINITIALIZED;
    return planned(description.faults, description.fault_count, call);
}

static int device_call(const struct gpu *gpu, const char *call) {
    int code = system_call(call);
    if (code != SUCCESS) return code;
    if (gpu == NULL) return INVALID_ARGUMENT;
    if (now() >= gpu->lost) return GPU_IS_LOST;
    return planned(gpu->faults, gpu->fault_count, call);
}

static int give(char *text, unsigned int length, const char *value) {
    if (strlen(value) + 1 > length) return INSUFFICIENT_SIZE;
    strcpy(text, value);
    return SUCCESS;
}

// The description that the environment names, or the file beside this library.
static const char *description_path(char *buffer, size_t size) {
    const char *named = getenv("WATTBOOK_STANDIN_NVML");
    Dl_info info;
    if (named != NULL && *named != 0) return named;
    if (dladdr((void *)&standin_users, &info) == 0) return "";
    snprintf(buffer, size, "%s.txt", info.dli_fname);
    return buffer;
}

int nvmlInit_v2(void) {
    char buffer[4096];
    if (users == 0) {
        const char *path = description_path(buffer, sizeof buffer);
        int line = description_read(path, &description);
        if (line != 0) {
            fprintf(stderr, "The stand-in cannot read %s: line %d. See Tests/NVMLStandIn/README.md.\n", path, line);
            return 999;
        }
    }
    int code = planned(description.faults, description.fault_count, "nvmlInit_v2");
    if (code == SUCCESS) users++;
    return code;
}

int nvmlInit(void) OF(nvmlInit_v2);
// Its flags, an argument more, change nothing here.
int nvmlInitWithFlags(void) OF(nvmlInit_v2);

int nvmlShutdown(void) {
    if (users == 0) return UNINITIALIZED;
    users--;
    return SUCCESS;
}

int nvmlSystemGetDriverVersion(char *text, unsigned int length) {
    int code = system_call("nvmlSystemGetDriverVersion");
    return code != SUCCESS ? code : give(text, length, description.driver);
}

int nvmlDeviceGetCount_v2(unsigned int *count) {
    int code = system_call("nvmlDeviceGetCount_v2");
    if (code == SUCCESS) *count = description.gpu_count;
    return code;
}

int nvmlDeviceGetCount(unsigned int *count) OF(nvmlDeviceGetCount_v2);

int nvmlDeviceGetHandleByIndex_v2(unsigned int index, struct gpu **device) {
    int code = system_call("nvmlDeviceGetHandleByIndex_v2");
    if (code != SUCCESS) return code;
    if (index >= (unsigned int)description.gpu_count) return INVALID_ARGUMENT;
    code = device_call(&description.gpus[index], "nvmlDeviceGetHandleByIndex_v2");
    if (code == SUCCESS) *device = &description.gpus[index];
    return code;
}

int nvmlDeviceGetHandleByIndex(unsigned int index, struct gpu **device) OF(nvmlDeviceGetHandleByIndex_v2);

// A handle of an instance points to its UUID.
static int is_instance(const void *device) {
    for (int i = 0; i < description.gpu_count; i++) {
        const char *start = (const char *)description.gpus[i].instances;
        if ((const char *)device >= start && (const char *)device < start + sizeof description.gpus[i].instances) return 1;
    }
    return 0;
}

int nvmlDeviceGetUUID(struct gpu *device, char *text, unsigned int length) {
    if (is_instance(device)) return give(text, length, (const char *)device);
    int code = device_call(device, "nvmlDeviceGetUUID");
    return code != SUCCESS ? code : give(text, length, device->uuid);
}

int nvmlDeviceGetName(struct gpu *device, char *text, unsigned int length) {
    int code = device_call(device, "nvmlDeviceGetName");
    return code != SUCCESS ? code : give(text, length, device->name);
}

// Before version 3 the structure ends with four reserved words, here filled with what is no address.
static int pci_info(struct gpu *device, unsigned char *pci) {
    int code = device_call(device, "nvmlDeviceGetPciInfo_v3");
    if (code != SUCCESS) return code;
    memset(pci, 0xEE, 52);
    size_t skip = strlen(device->bus) > 12 ? strlen(device->bus) - 12 : 0;
    snprintf((char *)pci, 16, "%s", device->bus + skip);
    return SUCCESS;
}

int nvmlDeviceGetPciInfo_v3(struct gpu *device, unsigned char *pci) {
    int code = pci_info(device, pci);
    if (code == SUCCESS) snprintf((char *)pci + 36, 32, "%s", device->bus);
    return code;
}

int nvmlDeviceGetPciInfo_v2(struct gpu *device, unsigned char *pci) { return pci_info(device, pci); }

int nvmlDeviceGetPciInfo(struct gpu *device, unsigned char *pci) { return pci_info(device, pci); }

int nvmlDeviceGetCudaComputeCapability(struct gpu *device, int *major, int *minor) {
    int code = device_call(device, "nvmlDeviceGetCudaComputeCapability");
    if (code == SUCCESS) *major = device->major, *minor = device->minor;
    return code;
}

int nvmlDeviceGetArchitecture(struct gpu *device, unsigned int *architecture) {
    int code = device_call(device, "nvmlDeviceGetArchitecture");
    if (code == SUCCESS) *architecture = device->architecture;
    return code;
}

// The time at which the sensor last renewed its values.
static double renewed(const struct gpu *gpu) { return floor(now() / gpu->update) * gpu->update; }

static uint64_t counter(const struct gpu *gpu) {
    double time = renewed(gpu);
    if (time >= gpu->reset) return (gpu_energy(gpu, time) - gpu_energy(gpu, gpu->reset)) * 1000;
    return gpu->counter + (int64_t)(gpu_energy(gpu, time) * 1000);
}

static unsigned int power(const struct gpu *gpu, double window) {
    double time = renewed(gpu);
    return gpu->gain * (gpu_energy(gpu, time) - gpu_energy(gpu, time - window)) / window * 1000 + 0.5;
}

int nvmlDeviceGetTotalEnergyConsumption(struct gpu *device, unsigned long long *energy) {
    int code = device_call(device, "nvmlDeviceGetTotalEnergyConsumption");
    if (code == SUCCESS) *energy = counter(device);
    return code;
}

int nvmlDeviceGetPowerUsage(struct gpu *device, unsigned int *milliwatts) {
    int code = device_call(device, "nvmlDeviceGetPowerUsage");
    if (code == SUCCESS) *milliwatts = power(device, device->window);
    return code;
}

int nvmlDeviceGetEnforcedPowerLimit(struct gpu *device, unsigned int *milliwatts) {
    int code = device_call(device, "nvmlDeviceGetEnforcedPowerLimit");
    if (code == SUCCESS && device->limit <= 0) code = NOT_SUPPORTED;
    if (code == SUCCESS) *milliwatts = (now() < device->limit_change ? device->limit : device->later_limit) * 1000;
    return code;
}

int nvmlDeviceGetPowerManagementLimit(struct gpu *device, unsigned int *milliwatts)
    OF(nvmlDeviceGetEnforcedPowerLimit);
int nvmlDeviceGetPowerManagementDefaultLimit(struct gpu *device, unsigned int *milliwatts)
    OF(nvmlDeviceGetEnforcedPowerLimit);

int nvmlDeviceGetPowerManagementLimitConstraints(struct gpu *device, unsigned int *lowest, unsigned int *highest) {
    int code = device_call(device, "nvmlDeviceGetPowerManagementLimitConstraints");
    if (code != SUCCESS) return code;
    *lowest = 50000;
    *highest = fmax(device->limit, device->later_limit) * 1000;
    return SUCCESS;
}

struct field_value {
    unsigned int field, scope;
    long long timestamp, latency;
    int type, code;
    union {
        unsigned int word;
        unsigned long long count;
    } value;
};

static int read_field(struct gpu *gpu, struct field_value *value) {
    char call[32];
    snprintf(call, sizeof call, "field:%u:%u", value->field, value->scope);
    int code = device_call(gpu, call);
    if (code != SUCCESS) return code;
    // Stamped like the driver's: µs of the wall clock at the sensor's last renewal.
    struct timespec wall;
    clock_gettime(CLOCK_REALTIME, &wall);
    value->timestamp = wall.tv_sec * 1000000LL + wall.tv_nsec / 1000 - (long long)((now() - renewed(gpu)) * 1e6);
    switch (value->field) {
    case 83:
    case 191:
        value->type = 3;
        value->value.count = counter(gpu) * gpu->field_gain;
        return value->scope == 0 ? SUCCESS : NOT_SUPPORTED;
    case 185:
    case 186:
        value->type = 1;
        value->value.word = power(gpu, value->field == 185 ? 1 : gpu->update);
        return value->scope <= 1 ? SUCCESS : NOT_SUPPORTED;
    default: return NOT_SUPPORTED;
    }
}

int nvmlDeviceGetFieldValues(struct gpu *device, int count, struct field_value *values) {
    int code = device_call(device, "nvmlDeviceGetFieldValues");
    if (code != SUCCESS) return code;
    for (int i = 0; i < count; i++) values[i].code = read_field(device, &values[i]);
    return SUCCESS;
}

int nvmlDeviceGetCurrentClocksEventReasons(struct gpu *device, unsigned long long *bits) {
    int code = device_call(device, "nvmlDeviceGetCurrentClocksEventReasons");
    if (code != SUCCESS) return code;
    double time = now();
    *bits = time >= device->throttle_from && time < device->throttle_to ? device->throttle : 0;
    return SUCCESS;
}

int nvmlDeviceGetCurrentClocksThrottleReasons(struct gpu *device, unsigned long long *bits)
    OF(nvmlDeviceGetCurrentClocksEventReasons);

int nvmlDeviceGetMigMode(struct gpu *device, unsigned int *current, unsigned int *pending) {
    int code = device_call(device, "nvmlDeviceGetMigMode");
    if (code == SUCCESS) *current = *pending = device->mig;
    return code;
}

int nvmlDeviceGetMaxMigDeviceCount(struct gpu *device, unsigned int *count) {
    int code = device_call(device, "nvmlDeviceGetMaxMigDeviceCount");
    if (code == SUCCESS) *count = device->mig ? 7 : 0;
    return code;
}

int nvmlDeviceGetMigDeviceHandleByIndex(struct gpu *device, unsigned int index, void **instance) {
    int code = device_call(device, "nvmlDeviceGetMigDeviceHandleByIndex");
    if (code != SUCCESS) return code;
    if (index >= (unsigned int)device->instance_count) return 6;
    *instance = device->instances[index];
    return SUCCESS;
}
