// The measured program: stamps CLOCK_MONOTONIC when it begins, waits, stamps when it ends.
//   program STAMPS SECONDS
// In C since it begins within a millisecond of its start, so that its stamps are those of the whole process.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void stamp(int file, const char *what) {
    struct timespec now;
    char line[80];
    clock_gettime(CLOCK_MONOTONIC, &now);
    int length = snprintf(line, sizeof line, "%s %ld.%09ld %d\n", what, now.tv_sec, now.tv_nsec, getpid());
    if (write(file, line, length) != length) _exit(74);
}

int main(int count, char **arguments) {
    if (count != 3) return 64;
    int file = open(arguments[1], O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (file < 0) return 73;
    stamp(file, "begin");
    double seconds = atof(arguments[2]);
    struct timespec wait = {(time_t)seconds, (long)((seconds - (time_t)seconds) * 1e9)};
    nanosleep(&wait, NULL);
    stamp(file, "end");
    return 0;
}
