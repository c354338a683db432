#define _GNU_SOURCE
#include "terminal.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

// tcsetpgrp from the background raises SIGTTOU; with the signal blocked it is carried out instead.
static int give(int terminal, pid_t group) {
    sigset_t ttou, before;
    sigemptyset(&ttou);
    sigaddset(&ttou, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &ttou, &before);
    int given = tcsetpgrp(terminal, group) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return given;
}

int terminal_hand_over(int terminal, pid_t group) {
    return tcgetpgrp(terminal) == getpgrp() && give(terminal, group);
}

void terminal_take_back(int terminal, pid_t group) {
    pid_t now = tcgetpgrp(terminal);
    if (now <= 1) return;
    int is_gone = kill(-now, 0) != 0 && errno == ESRCH;
    if (now == group || is_gone) give(terminal, getpgrp());
}

// All of the group: the shell of a script that called us would otherwise wait on in the foreground, and nobody
// would be left to read the terminal. SIGTSTP rather than SIGSTOP, because the kernel passes over it where
// nobody could continue the group, as under ssh without a job-controlling shell.
void terminal_stop_group(void) {
    struct sigaction stops = {.sa_handler = SIG_DFL}, former;
    sigset_t stop, before;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    sigaction(SIGTSTP, &stops, &former);
    pthread_sigmask(SIG_UNBLOCK, &stop, &before);
    kill(0, SIGTSTP);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    sigaction(SIGTSTP, &former, NULL);
}
