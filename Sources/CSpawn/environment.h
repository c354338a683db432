#pragma once
#include <stddef.h>

// Our environment byte for byte, but for variables that a child is to have otherwise.

// How many pointers `environment_with` writes.
size_t environment_count(const char *const own[]);

// Writes our lines and a closing null pointer; `own` lines, `NAME=value`, take the place of those of their names.
void environment_with(const char *const own[], char *lines[]);
