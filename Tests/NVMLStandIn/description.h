#pragma once
#include <stdint.h>

// What the description file says (see README.md).

enum { MAX_GPUS = 16, MAX_FAULTS = 32, MAX_INSTANCES = 8 };

enum shape { CONSTANT, SQUARE, RAMP };

// A call that answers with a code of its own from one instant to another.
struct fault {
    char call[64];
    int code;
    double from, to; // s
};

struct gpu {
    char uuid[80], name[96], bus[32];
    int major, minor, architecture;
    double limit;         // W; 0: not told
    double later_limit, limit_change; // W, and from when in s
    enum shape shape;
    double a, b, c, d;    // the shape's numbers
    double update;        // s
    double window;        // s
    uint64_t counter;     // mJ at t = 0
    double gain;          // of the power readings alone
    double field_gain;    // of the energy field alone
    double reset;         // s; when the counter falls to 0
    double lost;          // s; from when the GPU is lost
    int mig;
    char instances[MAX_INSTANCES][80];
    int instance_count;
    uint64_t throttle;
    double throttle_from, throttle_to;
    struct fault faults[MAX_FAULTS];
    int fault_count;
    int index;
};

struct description {
    char driver[80];
    int64_t epoch; // ns of CLOCK_MONOTONIC
    struct gpu gpus[MAX_GPUS];
    int gpu_count;
    struct fault faults[MAX_FAULTS];
    int fault_count;
};

// Reads a description. 0, or the number of the line that makes no sense; -1 where the file does not open.
int description_read(const char *path, struct description *description);

// Joules from t = 0 to a time in s (negative before it), as the load draws them.
double gpu_energy(const struct gpu *gpu, double time);
