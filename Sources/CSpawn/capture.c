#define _GNU_SOURCE
#include "CSpawn.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "environment.h"
#include "orphans.h"

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// After vfork, in our memory: nothing but system calls, and the one word that tells why exec failed.
__attribute__((noreturn, noinline))
static void run_tool(const char *const argv[], char **variables, int output, volatile int *failure) {
    // What the meter ignores would stay ignored; handlers end with exec on their own.
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // The pipe may have the number of a stream that was closed when we started.
    int nothing = open("/dev/null", O_RDWR), pipe = fcntl(output, F_DUPFD, STDERR_FILENO + 1);
    if (nothing < 0 || pipe < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(nothing, STDERR_FILENO) < 0
        || dup2(pipe, STDOUT_FILENO) < 0) {
        *failure = errno;
        _exit(127);
    }
    // What is not closed on exec by itself, the two above among it; an older kernel leaves all open.
    if (syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0)) {
        close(pipe);
        if (nothing > STDERR_FILENO) close(nothing);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(argv[0], (char *const *)argv, variables);
    *failure = errno;
    _exit(127);
}

// Our environment in the language of programs, on the stack: a call asks for no memory.
static pid_t start_tool(const char *const argv[], int output, int *failure) {
    static const char *const language[] = {"LC_ALL=C", NULL};
    char *variables[environment_count(language)];
    environment_with(language, variables);
    // A handler of ours must not run in the child, which shares our memory.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    volatile int reason = 0;
    pid_t pid = vfork();
    if (pid == 0) run_tool(argv, variables, output, &reason);
    *failure = pid < 0 ? errno : reason;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return pid;
}

// Reads to the end of the output or to the deadline; what does not fit is dropped.
static int collect(int input, uint8_t *bytes, size_t capacity, size_t *length, int64_t deadline) {
    uint8_t dropped[512];
    for (;;) {
        int64_t left = deadline - now_ns();
        struct pollfd ready = {.fd = input, .events = POLLIN};
        int got = left > 0 ? poll(&ready, 1, (int)(left / 1000000) + 1) : 0;
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return got < 0 ? errno : ETIMEDOUT;
        int fits = *length < capacity;
        ssize_t count = read(input, fits ? bytes + *length : dropped, fits ? capacity - *length : sizeof dropped);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return count < 0 ? errno : 0;
        if (fits) *length += (size_t)count;
    }
}

// Reaps this one process until the deadline; ETIMEDOUT where it still lives.
static int reap_until(pid_t pid, int *status, int64_t deadline) {
    for (;;) {
        pid_t got = waitpid(pid, status, WNOHANG);
        if (got == pid) return 0;
        if (got < 0 && errno != EINTR) return errno;
        if (now_ns() >= deadline) return ETIMEDOUT;
        struct timespec pause = {0, 500000};
        nanosleep(&pause, NULL);
    }
}

int cspawn_capture(const char *const argv[], uint8_t *bytes, size_t capacity, int64_t limit, size_t *length,
                   int *status) {
    int ends[2], failure = 0, raw = 0;
    *length = 0;
    int64_t deadline = now_ns() + limit;
    if (pipe2(ends, O_CLOEXEC)) return errno;
    orphans_hold();
    pid_t pid = start_tool(argv, ends[1], &failure);
    orphans_release(pid);
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return failure;
    }
    int error = failure ? failure : collect(ends[0], bytes, capacity, length, deadline);
    close(ends[0]);
    // Killed before it is reaped: until then its number, which is the group's too, belongs to nobody else.
    if (!error) error = reap_until(pid, &raw, deadline);
    if (error) {
        if (!failure) kill(-pid, SIGKILL);
        if (reap_until(pid, &raw, now_ns() + 100000000) == ETIMEDOUT) error = EBUSY;
    }
    orphans_forget(pid);
    if (error) return error;
    *status = WIFSIGNALED(raw) ? 128 + WTERMSIG(raw) : WEXITSTATUS(raw);
    return 0;
}
