#pragma once
#include <stdint.h>
#include <sys/types.h>

// Starts one program and waits for it. In C because between fork and exec only async-signal-safe
// calls are allowed, which Swift's runtime cannot promise, and because a signal handler must not
// enter that runtime either.

// A child between fork and reaping.
struct cspawn_child {
    pid_t pid;
    int gate;        // a byte written here lets the child go on to exec
    int gate_read;   // its other end, kept open so that writing to a dead child raises no SIGPIPE
    int report;      // the child's errno, should exec fail; closed by exec
    int terminal;    // an open terminal that its group gets whenever ours has it, or -1
    int had_terminal;
    int is_detached; // kept from the terminal altogether; counts what it asked of one
    pid_t group;     // its process group; 0 where that is ours
    int slot;        // its place in the table that the signal handler reads
    int passes_on;   // the signal from the terminal that ended it, after the end; else 0
};

// Forks a child that waits at its gate. It gets our environment with the lines `own`, `NAME=value`, in the place of
// those of their names. Its standard output and error are duplicates of the two descriptors, or
// ours where they are -1. With an `input` other than -1 it reads that and is kept from the terminal. 0, or an
// errno value.
int cspawn_start(const char *const argv[], const char *const own[], int input, int output, int error_output,
                 struct cspawn_child *child);

// Opens the gate and waits for exec. `start` is CLOCK_MONOTONIC in ns just before. 0, or exec's errno value.
int cspawn_resume(struct cspawn_child *child, int64_t *start);

// Waits for the end and reaps this one process. `status` is the exit status or 128 + signal; `end` is
// CLOCK_MONOTONIC in ns at the reaping. 0, or an errno value.
int cspawn_wait(struct cspawn_child *child, int *status, int64_t *end);

// Ends and reaps a child that still waits at its gate.
void cspawn_discard(struct cspawn_child *child);

// Runs the program at the path `argv[0]` in a group of its own and takes its output, with our environment, LC_ALL=C,
// nothing to read and standard error dropped. After `limit` ns the group is killed. In C, as above, and since it
// asks for no memory: it is a reading's way. 0, exec's errno value, ETIMEDOUT, or EBUSY where even a kill did not end
// it. `status` is the exit status or 128 + signal.
int cspawn_capture(const char *const argv[], uint8_t *bytes, size_t capacity, int64_t limit, size_t *length,
                   int *status);

// Between the two, signals that would end the process are only remembered, whether or not a child lives.
void cspawn_hold_signals(void);
void cspawn_release_signals(void);

// The first of SIGINT, SIGTERM, SIGHUP, SIGQUIT and SIGXCPU since the signals are held or a child lives, or 0;
// and whether the terminal sent it.
int cspawn_ending_signal(int *from_terminal);

// What a write that cannot succeed raises, SIGPIPE and SIGXFSZ, is ignored from now on: the write fails with an
// errno value instead. Children get the former dispositions.
void cspawn_ignore_write_signals(void);

// A descriptor that becomes readable when the process ends; -1 where there is none, or the kernel is older than 5.3.
// In C since Swift cannot call what takes arguments of any number.
int cspawn_process_descriptor(pid_t pid);

// Ends the process by a signal's default action, without a core file.
void cspawn_die(int number) __attribute__((noreturn));
