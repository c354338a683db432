#pragma once
#include <pthread.h>
#include <sys/types.h>

// The signals that a meter hands on to what it measures. While at least one child is in the table, or the
// signals are held, the process itself survives them, so that it can write down what it measured.

// Takes a place in the table; the first one installs the handlers. -1 when the table is full.
int forwarding_begin(void);

// From now on signals go to the child `target`, or to the group `-target`; an ending one that came since the handlers are
// there goes to it now.
void forwarding_set(int slot, pid_t target);

// Gives the place back; the last one restores the former handlers.
void forwarding_end(int slot);

// After fork, in the child: back to the dispositions and the mask that the process was started with.
void forwarding_reset_in_child(void);

// Whether a stop request came through us since the last call.
int forwarding_took_stop(void);
