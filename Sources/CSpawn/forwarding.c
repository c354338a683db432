#define _GNU_SOURCE
#include "forwarding.h"
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>
#include <sys/resource.h>

#include "CSpawn.h"

enum { places = 64, taken = 1, terminal_sent = 1 << 8 };
static const int forwarded[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT};
static const int failing_write[] = {SIGPIPE, SIGXFSZ};
enum { signals = sizeof forwarded / sizeof forwarded[0], write_signals = sizeof failing_write / sizeof(int) };

// 0 is free, 1 is taken and not yet set, a pid is a child of our group, a negative pid a group. 1 cannot be
// the pid of a child.
static _Atomic pid_t targets[places];
static atomic_int stop_requested;
static atomic_int ending; // a signal's number, and whether the terminal sent it
static struct sigaction former[signals], former_write[write_signals];
static int ignores_write;
static int holders;
static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER;

static void forward(int number, siginfo_t *info, void *context) {
    (void)context;
    int kept = errno, is_forwarded = 0, from_terminal = info->si_code > 0;
    if (number == SIGTSTP) atomic_store(&stop_requested, 1);
    if (number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGQUIT) {
        int none = 0;
        atomic_compare_exchange_strong(&ending, &none, number | (from_terminal ? terminal_sent : 0));
    }
    for (int slot = 0; slot < places; slot++) {
        pid_t target = atomic_load(&targets[slot]);
        if (target == 0) continue;
        is_forwarded = 1;
        if (target == taken) continue;
        // What the terminal sends reaches all of our group; the child has it already.
        if (target > 0 && from_terminal) continue;
        kill(target, number);
    }
    // Between two children nobody waits for one that stops.
    if (number == SIGTSTP && !is_forwarded) {
        atomic_store(&stop_requested, 0);
        raise(SIGSTOP);
    }
    errno = kept;
}

// With the table locked.
static void add_holder(void) {
    if (holders++ > 0) return;
    atomic_store(&ending, 0);
    struct sigaction action = {.sa_sigaction = forward, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigfillset(&action.sa_mask);
    for (int i = 0; i < signals; i++) {
        sigaction(forwarded[i], NULL, &former[i]);
        // Ignored from the start, as under nohup: it stays so for us and for the child. A continued
        // process goes on whatever its disposition.
        if (former[i].sa_handler != SIG_IGN) sigaction(forwarded[i], &action, NULL);
    }
}

// With the table locked.
static void remove_holder(void) {
    if (--holders > 0) return;
    for (int i = 0; i < signals; i++) sigaction(forwarded[i], &former[i], NULL);
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

void forwarding_set(int slot, pid_t pid, int own_group) {
    atomic_store(&targets[slot], own_group ? -pid : pid);
    int missed = cspawn_ending_signal(NULL);
    if (missed) kill(own_group ? -pid : pid, missed);
}

void forwarding_end(int slot) {
    pthread_mutex_lock(&table);
    atomic_store(&targets[slot], 0);
    remove_holder();
    pthread_mutex_unlock(&table);
}

void forwarding_reset_in_child(void) {
    for (int i = 0; i < signals; i++) sigaction(forwarded[i], &former[i], NULL);
    for (int i = 0; i < write_signals && ignores_write; i++) sigaction(failing_write[i], &former_write[i], NULL);
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
