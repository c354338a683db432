#pragma once
#include <sys/types.h>

// The terminal's foreground, passed between us and what we measure as a shell does with its jobs.

// Makes `group` the terminal's foreground group if the meter's own is it now. Whether it did.
int terminal_hand_over(int terminal, pid_t group);

// Makes ours the foreground group again if `group`, or one that is gone, is it now. Somebody else's stays.
void terminal_take_back(int terminal, pid_t group);

// Stops the meter's process group as ^Z would have done, and returns when it goes on.
void terminal_stop_group(void);
