/* Marks for Wattbook: names the regions, counts and metrics of a program that `wattbook run` measures.
 *
 * One header for C11 (-std=gnu11, or with _GNU_SOURCE) and C++11 with GCC or Clang on Linux, no library. Without
 * WATTBOOK_MARKS every call does nothing. Names hold no spaces and no slashes; a region ends on the thread that began
 * it.
 *
 *     wattbook_begin("train");
 *     { WATTBOOK_REGION("step"); work(); }       // ends with the block, however it is left
 *     wattbook_count("images", 8);
 *     wattbook_metric("loss", 0.25);
 *     wattbook_end("train");
 */
#ifndef WATTBOOK_MARKS_H
#define WATTBOOK_MARKS_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define WATTBOOK_LONGEST_LINE 4096
#define WATTBOOK_LONGEST_TEXT 4000 /* Without the time, the writer and the verb. */

/* The kernel's number of this thread. Swift's Glibc has no gettid, and syscall is variadic. */
static inline long wattbook_thread_id(void) { return syscall(SYS_gettid); }

/* The marks file, opened at the first call; -1 where there is none.
 *
 * A program that becomes a daemon closes the descriptor, and its number may come back as a file of the program's own.
 * Comparing inodes would double the cost of a mark; a file opened to write, to append and not to block at once is
 * taken for the marks file, any other is let go for good. */
static inline int wattbook_marks_file(void) {
    static int descriptor = -2;
    const int flags = O_WRONLY | O_APPEND | O_NONBLOCK;
    int known = __atomic_load_n(&descriptor, __ATOMIC_ACQUIRE);
    if (known >= 0 && (fcntl(known, F_GETFL) & (O_ACCMODE | flags)) != flags) {
        __atomic_store_n(&descriptor, known = -1, __ATOMIC_RELEASE);
    }
    if (known != -2) return known;
    const char *path = getenv("WATTBOOK_MARKS");
    int opened = path && *path ? open(path, flags | O_CREAT | O_CLOEXEC, 0644) : -1;
    if (__atomic_compare_exchange_n(&descriptor, &known, opened, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return opened;
    if (opened >= 0) close(opened); /* Another thread was first. */
    return known;
}

/* One line with one write. Half a line would be read as another: one that is too long is left out, but a region's begin
 * loses its pairs alone, or its end would have none. An end has no pairs. */
static inline void wattbook_line(const char *verb, const char *text) {
    int kept = errno;
    int descriptor = wattbook_marks_file();
    if (descriptor >= 0) {
        static __thread long process, thread; /* Asked for once a thread; a fork changes both. */
        if (process != getpid()) {
            process = getpid();
            thread = wattbook_thread_id();
        }
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        char line[WATTBOOK_LONGEST_LINE];
        int is_bare = *verb == 'e' || (*verb == 'b' && strlen(text) > WATTBOOK_LONGEST_TEXT);
        int most = is_bare ? (int)strcspn(text, " ") : WATTBOOK_LONGEST_LINE;
        int length = snprintf(line, sizeof line, "%lld %ld.%ld %s %.*s\n",
                              (long long)now.tv_sec * 1000000000LL + (long long)now.tv_nsec,
                              process, thread, verb, most, text);
        if (length > 0 && (size_t)length < sizeof line) {
            while (write(descriptor, line, (size_t)length) < 0 && errno == EINTR) {}
        }
    }
    errno = kept;
}

/* Opens a region; it may be followed by ` key=value` pairs. */
static inline void wattbook_begin(const char *region) { wattbook_line("begin", region); }

/* Closes the innermost open region of that name. */
static inline void wattbook_end(const char *region) { wattbook_line("end", region); }

/* Adds to a count of the run and of the open regions. */
static inline void wattbook_count(const char *name, long long value) {
    char text[512];
    int length = snprintf(text, sizeof text, "%s=%lld", name, value);
    if (length > 0 && (size_t)length < sizeof text) wattbook_line("count", text);
}

/* Sets a metric of the run; the last value stands. What is not finite is left out. */
static inline void wattbook_metric(const char *name, double value) {
    char text[512];
    int length = snprintf(text, sizeof text, "%s=%.17g", name, value);
    if (value - value != 0) return;
    for (int i = 0; i < length && (size_t)i < sizeof text; i++) {
        if (text[i] == ',') text[i] = '.'; /* The locale's decimal sign. */
    }
    if (length > 0 && (size_t)length < sizeof text) wattbook_line("metric", text);
}

/* Says something about the program, such as "framework=mine device=cpu". */
static inline void wattbook_info(const char *pairs) { wattbook_line("info", pairs); }

static inline void wattbook_leave(const char *const *region) { wattbook_end(*region); }

/* Names the rest of the enclosing block as a region. */
#define WATTBOOK_REGION(region)                                                                       \
    __attribute__((cleanup(wattbook_leave))) const char *const WATTBOOK_UNIQUE(wattbook_region_, __LINE__) = (region); \
    wattbook_begin(region)
#define WATTBOOK_UNIQUE(a, b) WATTBOOK_JOIN(a, b)
#define WATTBOOK_JOIN(a, b) a##b

#endif
