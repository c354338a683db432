// Loops of this folder on the threads that oneDNN computes with: threads of their own would fight with those for cores.
#include <dlfcn.h>
#include <pthread.h>

#include "context.h"

/// What a compiler makes of "omp parallel", in GNU's runtime and in LLVM's; NULL where oneDNN has another.
static struct {
    void (*parallel)(void (*body)(void *), void *data, unsigned threads, unsigned flags);
    int (*most)(void), (*threads)(void), (*index)(void);
} openmp;

static void look_up(void) {
    // Looked up rather than linked: oneDNN may be built with another runtime.
    openmp.most = (int (*)(void))dlsym(RTLD_DEFAULT, "omp_get_max_threads");
    openmp.threads = (int (*)(void))dlsym(RTLD_DEFAULT, "omp_get_num_threads");
    openmp.index = (int (*)(void))dlsym(RTLD_DEFAULT, "omp_get_thread_num");
    *(void **)&openmp.parallel = dlsym(RTLD_DEFAULT, "GOMP_parallel");
}

typedef struct {
    int64_t count;
    od_body *body;
    void *data;
} od_team;

static void take_share(void *argument) {
    const od_team *team = argument;
    int64_t index = openmp.index(), threads = openmp.threads();
    int64_t first = team->count * index / threads, end = team->count * (index + 1) / threads;
    if (first < end) team->body(team->data, first, end);
}

void od_parallel(int64_t count, od_body *body, void *data) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, look_up);
    bool is_there = openmp.parallel && openmp.most && openmp.threads && openmp.index;
    if (count < 2 || !is_there || openmp.most() < 2) {
        body(data, 0, count);
        return;
    }
    od_team team = {count, body, data};
    openmp.parallel(take_share, &team, 0, 0);
}
