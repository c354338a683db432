#define _GNU_SOURCE
#include "CProbeTestKit.h"
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

// In C because the capability calls have no functions in the C library, and `syscall` is variadic.

static struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};

int capabilities_of_this_thread(uint32_t effective[2]) {
    struct __user_cap_header_struct own = header;
    struct __user_cap_data_struct data[2];
    if (syscall(SYS_capget, &own, data) != 0) return -1;
    for (int i = 0; i < 2; i++) effective[i] = data[i].effective;
    return 0;
}

int set_capabilities_of_this_thread(const uint32_t effective[2]) {
    struct __user_cap_header_struct own = header;
    struct __user_cap_data_struct data[2];
    if (syscall(SYS_capget, &own, data) != 0) return -1;
    for (int i = 0; i < 2; i++) data[i].effective = effective[i];
    return (int)syscall(SYS_capset, &own, data);
}
