#define _GNU_SOURCE
#include "forwarding.h"
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>
#include <sys/resource.h>

#include "CSpawn.h"

enum { places = 64, taken = 1, terminal_sent = 1 << 8 };
static const int failing_write[] = {SIGPIPE, SIGXFSZ};
enum { write_signals = sizeof failing_write / sizeof(int), last_signal = 31 };

// 0 is free, 1 is taken and not yet set, a pid is a child of our group, a negative pid a group. 1 cannot be
// the pid of a child.
static _Atomic pid_t targets[places];
static atomic_int stop_requested;
static atomic_int ending; // a signal's number, and whether the terminal sent it
static struct sigaction former[last_signal + 1], former_write[write_signals], former_child;
static sigset_t former_mask;
static int ignores_write;
static int holders;
static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER;

// What somebody may send to a program: not what the kernel raises for a fault of our own, nor what each process has of
// its own.
static int is_forwarded(int number) {
    static const int own[] = {SIGKILL, SIGSTOP, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS, SIGPIPE, SIGXFSZ,
                              SIGCHLD, SIGTTIN, SIGTTOU, SIGWINCH, SIGURG};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (own[i] == number) return 0;
    return 1;
}

// What we were started with, for the child. Who ignores SIGCHLD reaps nothing, and hands that down through exec: we are to
// hear how the child ended.
__attribute__((constructor)) static void keep_beginnings(void) {
    struct sigaction hears = {.sa_handler = SIG_DFL};
    pthread_sigmask(SIG_SETMASK, NULL, &former_mask);
    sigaction(SIGCHLD, NULL, &former_child);
    if (former_child.sa_handler == SIG_IGN || former_child.sa_flags & SA_NOCLDWAIT) sigaction(SIGCHLD, &hears, NULL);
}

static void forward(int number, siginfo_t *info, void *context) {
    (void)context;
    int kept = errno, is_heard = 0, from_terminal = info->si_code > 0;
    if (number == SIGTSTP) atomic_store(&stop_requested, 1);
    if (number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGQUIT || number == SIGXCPU) {
        int none = 0;
        atomic_compare_exchange_strong(&ending, &none, number | (from_terminal ? terminal_sent : 0));
    }
    for (int slot = 0; slot < places; slot++) {
        pid_t target = atomic_load(&targets[slot]);
        if (target == 0) continue;
        is_heard = 1;
        if (target == taken) continue;
        // What the terminal sends reaches all of our group; the child has it already.
        if (target > 0 && from_terminal) continue;
        kill(target, number);
    }
    // Between two children nobody waits for one that stops.
    if (number == SIGTSTP && !is_heard) {
        atomic_store(&stop_requested, 0);
        raise(SIGSTOP);
    }
    errno = kept;
}

static void restore(void) {
    for (int number = 1; number <= last_signal; number++)
        if (is_forwarded(number)) sigaction(number, &former[number], NULL);
}

// With the table locked.
static void add_holder(void) {
    if (holders++ > 0) return;
    atomic_store(&ending, 0);
    struct sigaction action = {.sa_sigaction = forward, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigfillset(&action.sa_mask);
    for (int number = 1; number <= last_signal; number++) {
        if (!is_forwarded(number)) continue;
        sigaction(number, NULL, &former[number]);
        // Ignored from the start, as under nohup: it stays so for us and for the child. A continued
        // process goes on whatever its disposition.
        if (former[number].sa_handler != SIG_IGN) sigaction(number, &action, NULL);
    }
}

// With the table locked.
static void remove_holder(void) {
    if (--holders > 0) return;
    restore();
}

int forwarding_begin(void) {
    int slot = -1;
    pthread_mutex_lock(&table);
    for (int i = 0; i < places && slot < 0; i++)
        if (atomic_load(&targets[i]) == 0) slot = i;
    if (slot >= 0) {
        atomic_store(&targets[slot], taken);
        add_holder();
    }
    pthread_mutex_unlock(&table);
    return slot;
}

void forwarding_set(int slot, pid_t target) {
    atomic_store(&targets[slot], target);
    int missed = cspawn_ending_signal(NULL);
    if (missed) kill(target, missed);
}

void forwarding_end(int slot) {
    pthread_mutex_lock(&table);
    atomic_store(&targets[slot], 0);
    remove_holder();
    pthread_mutex_unlock(&table);
}

void forwarding_reset_in_child(void) {
    restore();
    for (int i = 0; i < write_signals && ignores_write; i++) sigaction(failing_write[i], &former_write[i], NULL);
    sigaction(SIGCHLD, &former_child, NULL);
    // Not the mask of this thread: one of a pool blocks nearly everything.
    pthread_sigmask(SIG_SETMASK, &former_mask, NULL);
}

int forwarding_took_stop(void) {
    return atomic_exchange(&stop_requested, 0);
}

void cspawn_hold_signals(void) {
    pthread_mutex_lock(&table);
    add_holder();
    pthread_mutex_unlock(&table);
}

void cspawn_release_signals(void) {
    pthread_mutex_lock(&table);
    remove_holder();
    pthread_mutex_unlock(&table);
}

int cspawn_ending_signal(int *from_terminal) {
    int now = atomic_load(&ending);
    if (from_terminal) *from_terminal = (now & terminal_sent) != 0;
    return now & ~terminal_sent;
}

void cspawn_ignore_write_signals(void) {
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    pthread_mutex_lock(&table);
    for (int i = 0; i < write_signals && !ignores_write; i++) sigaction(failing_write[i], &ignore, &former_write[i]);
    ignores_write = 1;
    pthread_mutex_unlock(&table);
}

void cspawn_die(int number) {
    struct sigaction dies = {.sa_handler = SIG_DFL};
    struct rlimit no_core = {0, 0};
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, number);
    setrlimit(RLIMIT_CORE, &no_core);
    sigaction(number, &dies, NULL);
    pthread_sigmask(SIG_UNBLOCK, &one, NULL);
    raise(number);
    _exit(128 + number);
}
