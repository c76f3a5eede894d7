/*
 * One page per durable commit, by one thread or by several at once.
 *
 *   commits FOLDER THREADS COMMITS
 *
 * COMMITS are shared between the threads. "ns" is the median of a commit as its thread sees it, "meanNs" the whole
 * run's time divided by its commits. A tenth as many go first and are not counted.
 */
#include "commits.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "timing.h"

enum { MAX_THREADS = 64, MAX_COMMITS = 1000000, KEYS = 4096 };

struct worker {
    pthread_t thread;
    pthread_barrier_t *start;
    uint64_t first_key;
    size_t warm_up, commits;
    double *times;
    int64_t began, ended;
};

static void *work(void *argument)
{
    struct worker *worker = argument;
    void *entered = store_enter();
    char page[COMMIT_BYTES];
    unsigned seed = (unsigned)worker->first_key + 1;
    memset(page, 1, sizeof page);
    for (size_t i = 0; i < worker->warm_up + worker->commits; i++) {
        if (i == worker->warm_up) {
            pthread_barrier_wait(worker->start);
            worker->began = now_ns();
        }
        memcpy(page, &i, sizeof i);
        int64_t began = now_ns();
        store_commit(entered, worker->first_key + (uint64_t)rand_r(&seed) % KEYS, page);
        if (i >= worker->warm_up) {
            worker->times[i - worker->warm_up] = (double)(now_ns() - began);
        }
    }
    worker->ended = now_ns();
    store_leave(entered);
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: %s FOLDER THREADS COMMITS\n", argv[0]);
        return 2;
    }
    size_t thread_count = number(argv[2], 1, MAX_THREADS);
    size_t commits = number(argv[3], thread_count * 10, MAX_COMMITS) / thread_count;
    double *times = calloc(commits * thread_count, sizeof times[0]);
    if (times == NULL) {
        fail_with("calloc", "no memory");
    }
    store_open(argv[1]);

    struct worker workers[MAX_THREADS];
    pthread_barrier_t start;
    pthread_barrier_init(&start, NULL, (unsigned)thread_count);
    for (size_t i = 0; i < thread_count; i++) {
        workers[i] = (struct worker){.start = &start, .first_key = i * KEYS, .warm_up = commits / 10,
                                     .commits = commits, .times = times + i * commits};
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) {
            fail_with("pthread_create", "no thread");
        }
    }
    int64_t began = INT64_MAX;
    int64_t ended = 0;
    for (size_t i = 0; i < thread_count; i++) {
        pthread_join(workers[i].thread, NULL);
        began = workers[i].began < began ? workers[i].began : began;
        ended = workers[i].ended > ended ? workers[i].ended : ended;
    }
    size_t all = commits * thread_count;
    printf("{\"topic\":\"commit\",\"side\":\"%s\",\"workload\":\"one page per durable commit\",\"threads\":%zu,"
           "\"cores\":%d,\"count\":%zu,\"ns\":%.1f,\"meanNs\":%.1f}\n",
           store_name, thread_count, core_count(), all, median(times, all), (double)(ended - began) / (double)all);
    free(times);
    return 0;
}
