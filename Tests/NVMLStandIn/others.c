// Calls that Wattbook never makes but other readers of NVML do, so that they see the same invented GPUs (Scripts/peers).
// What has no bearing on energy answers with a plain constant.
#include <stddef.h>
#include "description.h"

enum { SUCCESS = 0, INVALID_ARGUMENT = 2 };

const char *nvmlErrorString(int code) { return code == SUCCESS ? "Success" : "The stand-in answers with this code"; }

int nvmlSystemGetCudaDriverVersion_v2(int *version) {
    *version = 12040;
    return SUCCESS;
}

int nvmlSystemGetCudaDriverVersion(int *version) { return nvmlSystemGetCudaDriverVersion_v2(version); }

int nvmlDeviceGetIndex(struct gpu *device, unsigned int *index) {
    if (device == NULL) return INVALID_ARGUMENT;
    *index = (unsigned int)device->index;
    return SUCCESS;
}

struct memory {
    unsigned long long total, free, used; // bytes
};

int nvmlDeviceGetMemoryInfo(struct gpu *device, struct memory *memory) {
    if (device == NULL) return INVALID_ARGUMENT;
    *memory = (struct memory){80ULL << 30, 79ULL << 30, 1ULL << 30};
    return SUCCESS;
}

struct utilization {
    unsigned int gpu, memory; // percent
};

int nvmlDeviceGetUtilizationRates(struct gpu *device, struct utilization *rates) {
    if (device == NULL) return INVALID_ARGUMENT;
    *rates = (struct utilization){50, 10};
    return SUCCESS;
}

// One number whatever the device: a name of the call and its value.
#define CONSTANT(name, value)                                 \
    int name(struct gpu *device, unsigned int *answer) {      \
        if (device == NULL) return INVALID_ARGUMENT;          \
        *answer = value;                                      \
        return SUCCESS;                                       \
    }

CONSTANT(nvmlDeviceGetComputeMode, 0)
CONSTANT(nvmlDeviceGetPersistenceMode, 1)

#define OF_KIND(name, value)                                                 \
    int name(struct gpu *device, unsigned int kind, unsigned int *answer) {  \
        (void)kind;                                                          \
        if (device == NULL) return INVALID_ARGUMENT;                         \
        *answer = value;                                                     \
        return SUCCESS;                                                      \
    }

OF_KIND(nvmlDeviceGetTemperature, 40) // degrees Celsius
OF_KIND(nvmlDeviceGetClockInfo, 1500) // MHz
OF_KIND(nvmlDeviceGetMaxClockInfo, 1980)

// No process is on the GPU.
static int no_process(struct gpu *device, unsigned int *count) {
    if (device == NULL) return INVALID_ARGUMENT;
    *count = 0;
    return SUCCESS;
}

int nvmlDeviceGetComputeRunningProcesses_v3(struct gpu *device, unsigned int *count, void *infos) {
    (void)infos;
    return no_process(device, count);
}

int nvmlDeviceGetGraphicsRunningProcesses_v3(struct gpu *device, unsigned int *count, void *infos) {
    (void)infos;
    return no_process(device, count);
}
