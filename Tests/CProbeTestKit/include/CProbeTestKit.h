#pragma once
#include <stdint.h>
#include <sys/fsuid.h> // setfsuid, which the system's Swift module leaves out

// How often the calling thread has asked for memory, and for how many bytes in all.
uint64_t callocations_of_this_thread(void);
uint64_t callocated_bytes_of_this_thread(void);

// The rights that the calling thread makes use of, and how it lays them down and takes them up again; -1 where it may not.
int capabilities_of_this_thread(uint32_t effective[2]);
int set_capabilities_of_this_thread(const uint32_t effective[2]);
