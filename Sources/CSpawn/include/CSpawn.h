#pragma once
#include <stdint.h>
#include <sys/types.h>

// Starts one program and waits for it. In C because between fork and exec only async-signal-safe
// calls are allowed, which Swift's runtime cannot promise, and because a signal handler must not
// enter that runtime either.

// A child between fork and reaping.
struct cspawn_child {
    pid_t pid;
    int gate;      // a byte written here lets the child go on to exec
    int gate_read; // its other end, kept open so that writing to a dead child raises no SIGPIPE
    int report;    // the child's errno, should exec fail; closed by exec
    int terminal;  // the terminal handed to the child's group, or -1
    int own_group; // whether the child leads a process group of its own
    int slot;      // its place in the table that the signal handler reads
};

// Forks a child that waits at its gate. Its standard output and error are duplicates of the two descriptors, or
// ours where they are -1. 0, or an errno value.
int cspawn_start(const char *const argv[], const char *const envp[], int output, int error_output,
                 struct cspawn_child *child);

// Opens the gate and waits for exec. `start` is CLOCK_MONOTONIC in ns just before. 0, or exec's errno value.
int cspawn_resume(struct cspawn_child *child, int64_t *start);

// Waits for the end and reaps this one process. `status` is the exit status or 128 + signal; `end` is
// CLOCK_MONOTONIC in ns at the reaping. 0, or an errno value.
int cspawn_wait(struct cspawn_child *child, int *status, int64_t *end);

// Ends and reaps a child that still waits at its gate.
void cspawn_discard(struct cspawn_child *child);
