#pragma once
#include <sys/types.h>

// As the first process of a container we are given every process whose parent ends before it, and nobody else hears how
// those end: while a child is waited for they are reaped too.

// Around the start of a child that is reaped elsewhere: until it is known by its number nobody takes it for an orphan.
void orphans_hold(void);
void orphans_release(pid_t own);

// Such a child was reaped.
void orphans_forget(pid_t own);

// As waitpid with WUNTRACED for one child.
pid_t orphans_wait(pid_t child, int *status);
