#define _GNU_SOURCE
#include "orphans.h"
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>
#include <sys/wait.h>

enum { places = 64 };
static _Atomic pid_t known[places];
static atomic_int starting;

void orphans_hold(void) { atomic_fetch_add(&starting, 1); }

void orphans_release(pid_t own) {
    for (int i = 0; i < places && own > 0; i++) {
        pid_t none = 0;
        if (atomic_compare_exchange_strong(&known[i], &none, own)) break;
    }
    atomic_fetch_sub(&starting, 1);
}

void orphans_forget(pid_t own) {
    for (int i = 0; i < places; i++) {
        pid_t is = own;
        if (atomic_compare_exchange_strong(&known[i], &is, 0)) return;
    }
}

static int is_own(pid_t pid) {
    if (atomic_load(&starting)) return 1;
    for (int i = 0; i < places; i++)
        if (atomic_load(&known[i]) == pid) return 1;
    return 0;
}

pid_t orphans_wait(pid_t child, int *status) {
    while (getpid() == 1) {
        siginfo_t news = {.si_pid = 0};
        if (waitid(P_ALL, 0, &news, WEXITED | WSTOPPED | WNOWAIT) != 0 || news.si_pid == child) break;
        if (is_own(news.si_pid)) {
            struct timespec moment = {.tv_nsec = 1000000};
            nanosleep(&moment, NULL);
        } else {
            waitpid(news.si_pid, NULL, WNOHANG | WUNTRACED);
        }
    }
    return waitpid(child, status, WUNTRACED);
}
