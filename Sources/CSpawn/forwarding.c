#define _GNU_SOURCE
#include "forwarding.h"
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

enum { places = 64, taken = 1 };
static const int forwarded[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT};
enum { signals = sizeof forwarded / sizeof forwarded[0] };

// 0 is free, 1 is taken and not yet set, a pid is a child of our group, a negative pid a group. 1 cannot be
// the pid of a child.
static _Atomic pid_t targets[places];
static atomic_int stop_requested;
static struct sigaction former[signals];
static int children;
static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER;

static void forward(int number, siginfo_t *info, void *context) {
    (void)context;
    int kept = errno;
    if (number == SIGTSTP) atomic_store(&stop_requested, 1);
    for (int slot = 0; slot < places; slot++) {
        pid_t target = atomic_load(&targets[slot]);
        if (target == 0 || target == taken) continue;
        // What the terminal sends reaches all of our group; the child has it already.
        if (target > 0 && info->si_code > 0) continue;
        kill(target, number);
    }
    errno = kept;
}

static void install(void) {
    struct sigaction action = {.sa_sigaction = forward, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigfillset(&action.sa_mask);
    for (int i = 0; i < signals; i++) {
        sigaction(forwarded[i], NULL, &former[i]);
        // Ignored from the start, as under nohup: it stays so for us and for the child. A continued
        // process goes on whatever its disposition.
        if (former[i].sa_handler != SIG_IGN) sigaction(forwarded[i], &action, NULL);
    }
}

int forwarding_begin(void) {
    int slot = -1;
    pthread_mutex_lock(&table);
    for (int i = 0; i < places && slot < 0; i++)
        if (atomic_load(&targets[i]) == 0) slot = i;
    if (slot >= 0) {
        atomic_store(&targets[slot], taken);
        if (children++ == 0) install();
    }
    pthread_mutex_unlock(&table);
    return slot;
}

void forwarding_set(int slot, pid_t pid, int own_group) {
    atomic_store(&targets[slot], own_group ? -pid : pid);
}

void forwarding_end(int slot) {
    pthread_mutex_lock(&table);
    atomic_store(&targets[slot], 0);
    if (--children == 0)
        for (int i = 0; i < signals; i++) sigaction(forwarded[i], &former[i], NULL);
    pthread_mutex_unlock(&table);
}

void forwarding_reset_in_child(void) {
    for (int i = 0; i < signals; i++) sigaction(forwarded[i], &former[i], NULL);
}

int forwarding_took_stop(void) {
    return atomic_exchange(&stop_requested, 0);
}
