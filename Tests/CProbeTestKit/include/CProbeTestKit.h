#pragma once
#include <stdint.h>
#include <sys/fsuid.h> // setfsuid, which the system's Swift module leaves out

// How often the calling thread has asked for memory.
uint64_t callocations_of_this_thread(void);
