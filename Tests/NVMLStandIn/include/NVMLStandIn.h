#pragma once
#include <stdint.h>

// Sets the stand-in's clock to a time in ns, for tests on virtual time; a negative one lets it follow CLOCK_MONOTONIC.
void standin_set_clock(int64_t nanoseconds);

// How often the library was started less how often it was shut down.
int standin_users(void);
