#define _GNU_SOURCE
#include "environment.h"
#include <unistd.h>

static int have_one_name(const char *line, const char *other) {
    while (*line && *line == *other && *line != '=') line++, other++;
    return *line == '=' && *other == '=';
}

size_t environment_count(const char *const own[]) {
    size_t count = 1;
    for (char **line = environ; line && *line; line++) count++;
    for (; *own; own++) count++;
    return count;
}

void environment_with(const char *const own[], char *lines[]) {
    for (char **line = environ; line && *line; line++) {
        const char *const *same = own;
        while (*same && !have_one_name(*same, *line)) same++;
        if (!*same) *lines++ = *line;
    }
    while (*own) *lines++ = (char *)*own++;
    *lines = NULL;
}
