#pragma once
#include <stddef.h>
#include <stdint.h>

// What Wattbook needs of NVML's interface, declared anew: no header of the vendor is needed to build, and the library is
// looked for at run time. Layouts hold for 64-bit Linux (LP64) and are asserted in CNVML.c.

// A GPU, or an instance of one; valid between start and stop. A pointer in NVML: here a number of its size, passed in
// the same registers, since nobody but NVML may follow it.
typedef uintptr_t cnvml_device;

// One value by its field id. In C because Swift cannot declare a union nor promise a layout.
struct cnvml_field_value {
    uint32_t field;
    uint32_t scope;
    int64_t timestamp; // µs since 1970
    int64_t latency;   // µs
    int32_t type;      // which member of `value` is set, in its order
    int32_t status;
    union {
        double real;
        uint32_t u32;
        unsigned long word;
        uint64_t u64;
        int64_t i64;
        int32_t i32;
        uint16_t u16;
    } value;
};

// Where a GPU sits. Older versions end before `bus_id` and may leave anything there.
struct cnvml_pci {
    char legacy_bus_id[16];
    uint32_t domain, bus, device, id, subsystem;
    char bus_id[32];
};

// Every function that is used; NULL where the library lacks it. All but the first return a status, 0 for success.
// The pointers are set once and never changed, and NVML may be called from any thread.
struct __attribute__((__swift_attr__("@Sendable"))) cnvml_functions {
    int (*start)(void);
    int (*stop)(void);
    int (*driver_version)(char *text, unsigned int length);
    int (*count)(unsigned int *count);
    int (*device)(unsigned int index, cnvml_device *device);
    int (*uuid)(cnvml_device device, char *text, unsigned int length);
    int (*name)(cnvml_device device, char *text, unsigned int length);
    int (*pci)(cnvml_device device, struct cnvml_pci *pci);
    int (*compute_capability)(cnvml_device device, int *major, int *minor);
    int (*architecture)(cnvml_device device, unsigned int *architecture);
    int (*total_energy)(cnvml_device device, unsigned long long *millijoules);
    int (*power_usage)(cnvml_device device, unsigned int *milliwatts);
    int (*power_limit)(cnvml_device device, unsigned int *milliwatts);
    int (*limit_range)(cnvml_device device, unsigned int *lowest, unsigned int *highest); // mW
    int (*field_values)(cnvml_device device, int count, struct cnvml_field_value *values);
    int (*clock_reasons)(cnvml_device device, unsigned long long *bits);
    int (*mig_mode)(cnvml_device device, unsigned int *current, unsigned int *pending);
    int (*mig_count)(cnvml_device device, unsigned int *count);
    int (*mig_device)(cnvml_device device, unsigned int index, cnvml_device *instance);
};

// Loads a library, for good: the driver's does not stand being unloaded. 0, or -1 with the loader's words in `reason`.
// In C because `dlsym` gives an address without a type: here each goes into a pointer of the declared type.
int cnvml_load(const char *path, struct cnvml_functions *functions, char *reason, size_t length);
