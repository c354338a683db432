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
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef MADV_WIPEONFORK /* Before glibc 2.27. */
#define MADV_WIPEONFORK 18
#endif

#define WATTBOOK_LONGEST_LINE 4096
#define WATTBOOK_LONGEST_TEXT 4000 /* Without the time, the writer and the verb. */

/* The kernel's number of this thread. Swift's Glibc has no gettid, and syscall is variadic. */
static inline long wattbook_thread_id(void) { return syscall(SYS_gettid); }

/* The number of this process: the kernel empties the page in a fork, and a call for the number is a tenth of a mark. */
static inline long wattbook_process_id(void) {
    static long *page = NULL;
    long *known = __atomic_load_n(&page, __ATOMIC_ACQUIRE);
    if (!known) {
        const size_t size = (size_t)sysconf(_SC_PAGESIZE);
        void *made = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (made == MAP_FAILED) return getpid();
        if (madvise(made, size, MADV_WIPEONFORK) != 0) { /* Linux before 4.14. */
            munmap(made, size);
            return getpid();
        }
        if (__atomic_compare_exchange_n(&page, &known, (long *)made, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
            known = (long *)made;
        } else {
            munmap(made, size); /* Another thread was first. */
        }
    }
    long process = __atomic_load_n(known, __ATOMIC_RELAXED);
    if (!process) __atomic_store_n(known, process = getpid(), __ATOMIC_RELAXED);
    return process;
}

/* The marks file, opened at the first call; -1 where there is none. It is not made: one that is gone was read already.
 *
 * A program that becomes a daemon closes descriptors, and their numbers come back as files of its own, the lowest first:
 * the marks file has one of the highest. To look at each mark whose it is would cost another tenth of it. */
static inline int wattbook_marks_file(void) {
    static int descriptor = -2;
    int known = __atomic_load_n(&descriptor, __ATOMIC_ACQUIRE);
    if (known != -2) return known;
    const int kept = errno;
    const char *path = getenv("WATTBOOK_MARKS");
    int opened = path && *path ? open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK) : -1;
    for (int least = 960; opened >= 0 && opened < 60 && least >= 60; least -= 300) {
        int high = fcntl(opened, F_DUPFD_CLOEXEC, least);
        if (high < 0) continue;
        close(opened);
        opened = high;
    }
    errno = kept;
    if (__atomic_compare_exchange_n(&descriptor, &known, opened, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return opened;
    if (opened >= 0) close(opened); /* Another thread was first. */
    errno = kept;
    return known;
}

/* Puts the digits of a number before `end`; where they begin. printf would take a third of a mark. */
static inline char *wattbook_digits(unsigned long long number, char *end) {
    do *--end = (char)('0' + number % 10); while (number /= 10);
    return end;
}

/* Writes one line with one write; 1 if it is whole. Half a line would be read as another: one that is too long is left out,
 * but a region's begin loses its pairs alone, or its end would have none. An end has no pairs. */
static inline int wattbook_put(int descriptor, const char *verb, const char *text) {
    static __thread long process; /* A fork changes it and the thread's. */
    static __thread size_t known;
    static __thread char writer[48];
    long here = wattbook_process_id();
    if (process != here) {
        process = here;
        known = (size_t)snprintf(writer, sizeof writer, " %ld.%ld ", here, wattbook_thread_id());
    }
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    char line[WATTBOOK_LONGEST_LINE], digits[20];
    unsigned long long time = (unsigned long long)now.tv_sec * 1000000000ULL + (unsigned long long)now.tv_nsec;
    const char *first = wattbook_digits(time, digits + sizeof digits);
    size_t spoken = strlen(verb), said = strlen(text);
    if (*verb == 'e' || (*verb == 'b' && said > WATTBOOK_LONGEST_TEXT)) said = strcspn(text, " ");
    const char *parts[] = {first, writer, verb, " ", text, "\n"};
    const size_t sizes[] = {(size_t)(digits + sizeof digits - first), known, spoken, 1, said, 1};
    size_t length = 0;
    for (int i = 0; i < 6; i++) {
        if (sizes[i] > sizeof line - length) return 1;
        memcpy(line + length, parts[i], sizes[i]);
        length += sizes[i];
    }
    ssize_t written;
    do written = write(descriptor, line, length); while (written < 0 && errno == EINTR);
    return written == (ssize_t)length;
}

static inline void wattbook_line(const char *verb, const char *text) {
    int kept = errno;
    int descriptor = wattbook_marks_file();
    if (descriptor >= 0) wattbook_put(descriptor, verb, text);
    errno = kept;
}

/* Opens a region; it may be followed by ` key=value` pairs. */
static inline void wattbook_begin(const char *region) { wattbook_line("begin", region); }

/* Closes the innermost open region of that name. */
static inline void wattbook_end(const char *region) { wattbook_line("end", region); }

static inline void wattbook_pair(const char *verb, const char *name, const char *value) {
    char text[512];
    size_t known = strlen(name), said = strlen(value) + 1;
    if (known + 1 + said > sizeof text) return;
    memcpy(text, name, known);
    text[known] = '=';
    memcpy(text + known + 1, value, said);
    wattbook_line(verb, text);
}

/* Adds to a count of the run and of the open regions. */
static inline void wattbook_count(const char *name, long long value) {
    if (wattbook_marks_file() < 0) return;
    char digits[24], *end = digits + sizeof digits - 1;
    *end = 0;
    char *first = wattbook_digits(value < 0 ? 0ULL - (unsigned long long)value : (unsigned long long)value, end);
    if (value < 0) *--first = '-';
    wattbook_pair("count", name, first);
}

/* Writes a number in `text`, with 17 digits at most, which are read again as the same number; where it begins. printf takes
 * as long as all else of a mark, so that common sizes are written here: their fraction is a whole number of 2^-124. */
static inline const char *wattbook_number(double value, char text[40]) {
    char *first = text + 39;
    *first = 0;
#ifdef __SIZEOF_INT128__
    const double size = value < 0 ? -value : value;
    if (size >= 1e-4 && size < 1e15) {
        unsigned long long digits = (unsigned long long)size;
        const double fraction = (size - (double)digits) * 18446744073709551616.0; /* 2^64 */
        const unsigned long long high = (unsigned long long)fraction;
        __extension__ unsigned __int128 rest = high;
        rest = rest << 60 | (unsigned long long)((fraction - (double)high) * 1152921504606846976.0); /* 2^60 */
        int places = 0;
        for (; rest && digits < 10000000000000000ULL; places++) { /* Up to seventeen digits. */
            rest *= 10;
            digits = digits * 10 + (unsigned long long)(rest >> 124);
            rest = rest << 4 >> 4;
        }
        digits += (unsigned long long)(rest >> 123);
        for (; places && digits % 10 == 0; places--) digits /= 10;
        if (places) {
            for (; places; places--, digits /= 10) *--first = (char)('0' + digits % 10);
            *--first = '.';
        }
        first = wattbook_digits(digits, first);
        if (value < 0) *--first = '-';
        return first;
    }
#endif
    snprintf(text, 40, "%.17g", value);
    for (char *sign = text; *sign; sign++) {
        if (*sign == ',') *sign = '.'; /* The locale's decimal sign. */
    }
    return text;
}

/* Sets a metric of the run; the last value stands. What is not finite is left out. */
static inline void wattbook_metric(const char *name, double value) {
    char text[40];
    if (value - value != 0 || wattbook_marks_file() < 0) return;
    wattbook_pair("metric", name, wattbook_number(value, text));
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
