#define _GNU_SOURCE
#include "CSpawn.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "environment.h"
#include "forwarding.h"
#include "orphans.h"
#include "terminal.h"

#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

static int64_t monotonic_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void close_if_open(int *descriptor) {
    if (*descriptor >= 0) close(*descriptor);
    *descriptor = -1;
}

enum group { ours, its_own, with_terminal };

// Chooses group and terminal as a shell would. Where a shell made us a job of ours alone with both ends on a terminal, the
// child gets a group of its own, and our terminal whenever we have it. As a part of a pipeline, a script or a build it
// stays in our group: handing over would take the terminal and its keys from the other members, and out of it the child
// would wait for the foreground for ever. What was put into the background with all of its streams elsewhere stays there,
// and so does what has no terminal; its group hears what we are told.
static enum group choose_group(struct cspawn_child *child) {
    int terminal = child->is_detached ? -1 : open("/dev/tty", O_RDONLY | O_CLOEXEC);
    if (terminal < 0) return its_own;
    if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && getpgrp() == getpid()) {
        child->terminal = terminal;
        return with_terminal;
    }
    int is_apart = tcgetpgrp(terminal) != getpgrp()
        && !isatty(STDIN_FILENO) && !isatty(STDOUT_FILENO) && !isatty(STDERR_FILENO);
    close(terminal);
    return is_apart ? its_own : ours;
}

// Makes a group, whose number is that of a process that waits until `gate` closes. Its leader cannot make a session of its
// own, which a program that the child becomes may want: the child joins this one. -1 and errno where it fails.
static pid_t make_group(const int gate[2]) {
    pid_t leader = fork();
    if (leader == 0) {
        char nothing;
        // It never comes to an exec, which would close what it has of ours.
        dup2(gate[0], 0);
        if (syscall(SYS_close_range, 1, ~0U, 0)) close(gate[1]);
        ssize_t got = read(0, &nothing, 1);
        (void)got;
        _exit(0);
    }
    if (leader > 0) setpgid(leader, leader);
    return leader;
}

static void end_leader(pid_t leader) {
    if (leader <= 0) return;
    kill(leader, SIGKILL);
    while (waitpid(leader, NULL, 0) < 0 && errno == EINTR) {}
}

static void give_terminal(struct cspawn_child *child) {
    if (child->terminal >= 0 && terminal_hand_over(child->terminal, child->group)) child->had_terminal = 1;
}

static void run_child(const char *const argv[], char **variables, int input, int output, int error,
                      int gate, int report) {
    char go;
    ssize_t got;
    do got = read(gate, &go, 1); while (got < 0 && errno == EINTR);
    if (got != 1) _exit(0); // the meter gave up or died
    forwarding_reset_in_child();
    if (input >= 0 && dup2(input, STDIN_FILENO) < 0) goto failed;
    if (output >= 0 && dup2(output, STDOUT_FILENO) < 0) goto failed;
    if (error >= 0 && dup2(error, STDERR_FILENO) < 0) goto failed;
    environ = variables;
    execvp(argv[0], (char *const *)argv);
failed:;
    int reason = errno;
    ssize_t written = write(report, &reason, sizeof reason);
    (void)written;
    _exit(127);
}

int cspawn_start(const char *const argv[], const char *const own[], int input, int output, int error_output,
                 struct cspawn_child *child) {
    int gate[2] = {-1, -1}, report[2] = {-1, -1};
    *child = (struct cspawn_child){.pid = -1, .gate = -1, .gate_read = -1, .report = -1,
                                    .terminal = -1, .slot = -1, .is_detached = input >= 0};
    enum group group = choose_group(child);
    pid_t leader = 0;
    char *variables[environment_count(own)];
    environment_with(own, variables);

    // Until the child has its table entry no signal may arrive: it would be lost between the two.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int error = 0;
    orphans_hold();
    if (pipe2(gate, O_CLOEXEC) || pipe2(report, O_CLOEXEC)) {
        error = errno;
    } else if ((child->slot = forwarding_begin()) < 0) {
        error = EAGAIN;
    } else if (group == its_own && (leader = make_group(gate)) < 0) {
        error = errno;
        forwarding_end(child->slot);
    } else if ((child->pid = fork()) == 0) {
        close(gate[1]);
        close(report[0]);
        run_child(argv, variables, input, output, error_output, gate[0], report[1]);
    } else if (child->pid < 0) {
        error = errno;
        forwarding_end(child->slot);
    } else {
        // Before it can run: it waits at its gate.
        if (group != ours && setpgid(child->pid, leader) == 0) child->group = leader ? leader : child->pid;
        forwarding_set(child->slot, child->group ? -child->group : child->pid);
    }
    end_leader(leader);
    orphans_release(child->pid);
    close_if_open(&report[1]);
    if (error) {
        close_if_open(&gate[0]);
        close_if_open(&gate[1]);
        close_if_open(&report[0]);
        close_if_open(&child->terminal);
    } else {
        child->gate = gate[1];
        child->gate_read = gate[0];
        child->report = report[0];
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

static int reap(struct cspawn_child *child, int *status) {
    pid_t got;
    do got = waitpid(child->pid, status, 0); while (got < 0 && errno == EINTR);
    return got < 0 ? errno : 0;
}

static void finish(struct cspawn_child *child) {
    orphans_forget(child->pid);
    forwarding_end(child->slot);
    if (child->terminal >= 0) terminal_take_back(child->terminal, child->group);
    close_if_open(&child->gate);
    close_if_open(&child->gate_read);
    close_if_open(&child->report);
    close_if_open(&child->terminal);
    child->pid = -1;
}

int cspawn_resume(struct cspawn_child *child, int64_t *start) {
    if (child->pid < 0 || child->gate < 0) return EINVAL;
    give_terminal(child);
    *start = monotonic_ns();
    int reason = 0, status;
    ssize_t got = write(child->gate, "", 1);
    if (got < 0) reason = errno;
    close_if_open(&child->gate);
    close_if_open(&child->gate_read);
    if (reason == 0) {
        do got = read(child->report, &reason, sizeof reason); while (got < 0 && errno == EINTR);
        if (got != sizeof reason) reason = 0;
    }
    close_if_open(&child->report);
    if (reason) {
        reap(child, &status);
        finish(child);
    }
    return reason;
}

// Whether a process that was stopped has been continued since.
static int goes_on(pid_t pid) {
    siginfo_t news = {.si_pid = 0};
    return waitid(P_PID, pid, &news, WCONTINUED | WNOHANG) == 0 && news.si_pid == pid;
}

// Whether a child of our group that stopped itself stopped the job of a shell that watches over it, which has a group of
// its own: without such a shell nobody would continue us, and who stops and continues the child alone means it alone.
static int stops_job(pid_t pid) {
    if (getpgid(getppid()) == getpgrp()) return 0;
    struct timespec moment = {.tv_nsec = 50000000};
    nanosleep(&moment, NULL);
    return !goes_on(pid);
}

// Follows a stopped child: the meter stops too, so that the shell gets its prompt, and both go on together.
static void follow_stop(struct cspawn_child *child, int number) {
    pid_t target = child->group ? -child->group : child->pid;
    int wants_terminal = number == SIGTTIN || number == SIGTTOU;
    if (wants_terminal && child->is_detached) {
        // It asks for a terminal that it can never have: as if that had hung up. Asking again would not end.
        kill(target, child->is_detached++ == 1 ? SIGHUP : SIGKILL);
    } else if (wants_terminal && child->terminal >= 0 && tcgetpgrp(child->terminal) == getpgrp()) {
        // Continued in the background and then brought to the foreground; it gets the terminal below.
    } else if (forwarding_took_stop() || (number == SIGSTOP && !child->group && stops_job(child->pid))) {
        // Who sent it to us sent it to all that were meant. Our shell must see its job stop.
        raise(SIGSTOP);
    } else if (child->terminal >= 0) {
        terminal_take_back(child->terminal, child->group);
        terminal_stop_group();
    } else {
        return; // stopped by a stranger: none of our business
    }
    give_terminal(child);
    kill(target, SIGCONT);
}

// SIGINT or SIGQUIT from the terminal, which a calling shell must see to end its loops.
static int terminal_signal(const struct cspawn_child *child, int raw) {
    if (!WIFSIGNALED(raw) || (WTERMSIG(raw) != SIGINT && WTERMSIG(raw) != SIGQUIT)) return 0;
    int from_terminal;
    int reached_us = cspawn_ending_signal(&from_terminal) == WTERMSIG(raw) && from_terminal;
    return child->had_terminal || reached_us ? WTERMSIG(raw) : 0;
}

int cspawn_wait(struct cspawn_child *child, int *status, int64_t *end) {
    if (child->pid < 0) return ECHILD;
    int raw = 0;
    for (;;) {
        pid_t got = orphans_wait(child->pid, &raw);
        if (got < 0 && errno == EINTR) continue;
        *end = monotonic_ns();
        if (got < 0) {
            int error = errno;
            finish(child);
            return error;
        }
        if (!WIFSTOPPED(raw)) break;
        follow_stop(child, WSTOPSIG(raw));
    }
    child->passes_on = terminal_signal(child, raw);
    finish(child);
    *status = WIFSIGNALED(raw) ? 128 + WTERMSIG(raw) : WEXITSTATUS(raw);
    return 0;
}

void cspawn_discard(struct cspawn_child *child) {
    if (child->pid < 0) return;
    int status;
    close_if_open(&child->gate);
    kill(child->pid, SIGKILL);
    reap(child, &status);
    finish(child);
}

int cspawn_process_descriptor(pid_t pid) {
    return (int)syscall(SYS_pidfd_open, pid, 0);
}
