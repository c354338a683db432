#include "description.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double forever = 1e18;

static int read_fault(const char *rest, struct fault *faults, int *count) {
    if (*count == MAX_FAULTS) return 0;
    struct fault *fault = &faults[*count];
    fault->from = -forever;
    fault->to = forever;
    if (sscanf(rest, "%63s %d %lf %lf", fault->call, &fault->code, &fault->from, &fault->to) < 2) return 0;
    (*count)++;
    return 1;
}

static void copy(char *target, size_t size, const char *text) { snprintf(target, size, "%s", text); }

// One line about a GPU; 1 where it was understood.
static int read_property(struct gpu *gpu, const char *key, const char *rest) {
    if (!strcmp(key, "name")) return copy(gpu->name, sizeof gpu->name, rest), 1;
    if (!strcmp(key, "bus")) return copy(gpu->bus, sizeof gpu->bus, rest), 1;
    if (!strcmp(key, "compute")) return sscanf(rest, "%d.%d", &gpu->major, &gpu->minor) == 2;
    if (!strcmp(key, "architecture")) return sscanf(rest, "%d", &gpu->architecture) == 1;
    if (!strcmp(key, "limit")) return sscanf(rest, "%lf %lf %lf", &gpu->limit, &gpu->later_limit, &gpu->limit_change) >= 1;
    if (!strcmp(key, "update")) return sscanf(rest, "%lf", &gpu->update) == 1 && gpu->update > 0;
    if (!strcmp(key, "window")) return sscanf(rest, "%lf", &gpu->window) == 1 && gpu->window > 0;
    if (!strcmp(key, "counter")) return sscanf(rest, "%lu", &gpu->counter) == 1;
    if (!strcmp(key, "gain")) return sscanf(rest, "%lf", &gpu->gain) == 1;
    if (!strcmp(key, "field-gain")) return sscanf(rest, "%lf", &gpu->field_gain) == 1;
    if (!strcmp(key, "reset")) return sscanf(rest, "%lf", &gpu->reset) == 1;
    if (!strcmp(key, "lost")) return sscanf(rest, "%lf", &gpu->lost) == 1;
    if (!strcmp(key, "mig")) return gpu->mig = 1, 1;
    if (!strcmp(key, "fail")) return read_fault(rest, gpu->faults, &gpu->fault_count);
    if (!strcmp(key, "throttle")) {
        gpu->throttle_from = -forever;
        gpu->throttle_to = forever;
        return sscanf(rest, "%lx %lf %lf", &gpu->throttle, &gpu->throttle_from, &gpu->throttle_to) >= 1;
    }
    if (!strcmp(key, "instance") && gpu->instance_count < MAX_INSTANCES) {
        copy(gpu->instances[gpu->instance_count++], 80, rest);
        return 1;
    }
    if (!strcmp(key, "constant")) return gpu->shape = CONSTANT, sscanf(rest, "%lf", &gpu->a) == 1;
    if (!strcmp(key, "square")) {
        gpu->shape = SQUARE;
        return sscanf(rest, "%lf %lf %lf %lf", &gpu->a, &gpu->b, &gpu->c, &gpu->d) == 4 && gpu->c > 0;
    }
    if (!strcmp(key, "ramp")) {
        gpu->shape = RAMP;
        return sscanf(rest, "%lf %lf %lf", &gpu->a, &gpu->b, &gpu->c) == 3 && gpu->c > 0;
    }
    return 0;
}

int description_read(const char *path, struct description *description) {
    memset(description, 0, sizeof *description);
    copy(description->driver, sizeof description->driver, "550.54.15");
    FILE *file = fopen(path, "re");
    if (file == NULL) return -1;
    char line[512];
    int number = 0, bad = 0;
    while (bad == 0 && fgets(line, sizeof line, file) != NULL) {
        number++;
        line[strcspn(line, "#\r\n")] = 0;
        char key[32];
        int start = 0;
        if (sscanf(line, "%31s %n", key, &start) < 1) continue;
        char *rest = line + start;
        for (size_t n = strlen(rest); n > 0 && rest[n - 1] == ' '; n--) rest[n - 1] = 0;
        int understood = 0;
        if (!strcmp(key, "gpu")) {
            if (description->gpu_count < MAX_GPUS) {
                struct gpu *gpu = &description->gpus[description->gpu_count];
                gpu->index = description->gpu_count++;
                copy(gpu->uuid, sizeof gpu->uuid, rest);
                copy(gpu->name, sizeof gpu->name, "NVIDIA Stand-in");
                snprintf(gpu->bus, sizeof gpu->bus, "00000000:%02X:00.0", gpu->index + 1);
                gpu->major = 9;
                gpu->architecture = 9;
                gpu->limit = 700;
                gpu->update = 0.1;
                gpu->window = 1;
                gpu->gain = gpu->field_gain = 1;
                gpu->counter = 1000000;
                gpu->reset = gpu->lost = gpu->limit_change = forever;
                understood = 1;
            }
        } else if (description->gpu_count > 0) {
            understood = read_property(&description->gpus[description->gpu_count - 1], key, rest);
        } else if (!strcmp(key, "driver")) {
            copy(description->driver, sizeof description->driver, rest);
            understood = 1;
        } else if (!strcmp(key, "epoch")) {
            understood = sscanf(rest, "%ld", &description->epoch) == 1;
        } else if (!strcmp(key, "fail")) {
            understood = read_fault(rest, description->faults, &description->fault_count);
        }
        if (!understood) bad = number;
    }
    fclose(file);
    return bad;
}

double gpu_energy(const struct gpu *gpu, double time) {
    // Before t = 0 the load draws what it draws first of all; a square wave, its lower power.
    if (time < 0) return gpu->a * time;
    switch (gpu->shape) {
    case CONSTANT: return gpu->a * time;
    case SQUARE: {
        // High for the first `d` of each period.
        double periods = floor(time / gpu->c), rest = time - periods * gpu->c, high = gpu->c * gpu->d;
        return periods * (gpu->b * high + gpu->a * (gpu->c - high)) + gpu->b * fmin(rest, high)
            + gpu->a * fmax(0, rest - high);
    }
    case RAMP: {
        double rising = fmin(time, gpu->c);
        return gpu->a * rising + (gpu->b - gpu->a) * rising * rising / (2 * gpu->c) + gpu->b * (time - rising);
    }
    }
    return 0;
}
