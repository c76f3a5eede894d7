/*
 * Measures one peer: every page of the areas is resident and closed, is written once, and the peer's handler opens it.
 *
 *   peer PATTERN AREAS THREADS PAGES ROUNDS [private]
 *
 * PATTERN  sequential, or alternating (even pages, then odd ones: every mprotect splits a mapping)
 * THREADS  a divisor of AREAS: each thread has areas of its own
 * PAGES    of all areas together
 * private  anonymous memory in place of a memfd, which is what Katydid's windows show
 *
 * Prints one line of JSON: "ns" per fault as the median over slices of 64 faults, short enough that most of them pass
 * undisturbed on a busy machine, and "meanNs" per fault as the median over whole rounds. A round that warms up goes first.
 */
#define _GNU_SOURCE
#include "peer.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "touch.h"

enum { MAX_AREAS = 128, MAX_PAGES = 65536, MAX_ROUNDS = 32, SLICE = 64 };

/* Part of a round between two closings. At most a quarter of the pages is isolated at a time: under the default
 * vm.max_map_count mprotect fails after 32,752 isolated pages. */
struct pass {
    size_t first, count, stride;
};

struct worker {
    pthread_t thread;
    pthread_barrier_t *start;
    const struct pass *pass;
    size_t first_area, area_count;
    int64_t began, ended;
};

static struct area s_areas[MAX_AREAS];
static size_t s_area_count;

/* Every slice is full but the last of each area and pass, and an alternating round has four passes. */
static double s_slices[MAX_ROUNDS * (MAX_PAGES / SLICE + 4 * MAX_AREAS)];
static atomic_size_t s_slice_count;

void fail(const char *call)
{
    fprintf(stderr, "%s: %s failed: %s (errno %d)\n", peer_name, call, strerror(errno), errno);
    exit(EXIT_FAILURE);
}

void open_page(void *address)
{
    void *page = (void *)((uintptr_t)address & ~(uintptr_t)(PAGE_BYTES - 1));
    if (mprotect(page, PAGE_BYTES, PROT_READ | PROT_WRITE) != 0) {
        static const char message[] = "open_page: mprotect failed\n";
        ssize_t written = write(STDERR_FILENO, message, sizeof message - 1);
        _exit(written > 0 ? EXIT_FAILURE : 2);
    }
}

static int64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static void protect_areas(int protection)
{
    for (size_t i = 0; i < s_area_count; i++) {
        if (mprotect(s_areas[i].base, s_areas[i].pages * PAGE_BYTES, protection) != 0) {
            fail("mprotect");
        }
    }
}

static void map_area(struct area *area, int is_shared)
{
    size_t bytes = area->pages * PAGE_BYTES;
    int descriptor = -1;
    if (is_shared) {
        descriptor = memfd_create("peer", MFD_CLOEXEC);
        if (descriptor < 0 || ftruncate(descriptor, (off_t)bytes) != 0) {
            fail("memfd_create");
        }
    }
    area->base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, is_shared ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS,
                      descriptor, 0);
    /* A huge page would be split by the first mprotect, and the round would measure that. */
    if (area->base == MAP_FAILED || madvise(area->base, bytes, MADV_NOHUGEPAGE) != 0) {
        fail("mmap");
    }
    if (is_shared) {
        close(descriptor);
    }
    touch_pages(area->base, area->pages, 1);
}

static void touch_area(const struct area *area, const struct pass *pass)
{
    int64_t began = now_ns();
    for (size_t done = 0; done < pass->count; done += SLICE) {
        size_t count = pass->count - done < SLICE ? pass->count - done : SLICE;
        touch_pages(area->base + (pass->first + done * pass->stride) * PAGE_BYTES, count, pass->stride);
        int64_t ended = now_ns();
        s_slices[atomic_fetch_add(&s_slice_count, 1)] = (double)(ended - began) / (double)count;
        began = ended;
    }
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    pthread_barrier_wait(worker->start);
    worker->began = now_ns();
    for (size_t i = 0; i < worker->area_count; i++) {
        touch_area(&s_areas[worker->first_area + i], worker->pass);
    }
    worker->ended = now_ns();
    return NULL;
}

/* From the first thread's start to the last one's end; making and joining the threads is not counted. */
static int64_t run_pass(const struct pass *pass, size_t thread_count)
{
    struct worker workers[MAX_AREAS];
    pthread_barrier_t start;
    size_t areas_each = s_area_count / thread_count;
    protect_areas(PROT_NONE);
    pthread_barrier_init(&start, NULL, (unsigned)thread_count);
    for (size_t i = 0; i < thread_count; i++) {
        workers[i] = (struct worker){
            .start = &start, .pass = pass, .first_area = i * areas_each, .area_count = areas_each};
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) {
            fail("pthread_create");
        }
    }
    int64_t began = INT64_MAX;
    int64_t ended = 0;
    for (size_t i = 0; i < thread_count; i++) {
        pthread_join(workers[i].thread, NULL);
        began = workers[i].began < began ? workers[i].began : began;
        ended = workers[i].ended > ended ? workers[i].ended : ended;
    }
    pthread_barrier_destroy(&start);
    return ended - began;
}

static int64_t run_round(int is_alternating, size_t pages, size_t thread_count)
{
    if (!is_alternating) {
        return run_pass(&(struct pass){.first = 0, .count = pages, .stride = 1}, thread_count);
    }
    int64_t total = 0;
    for (size_t quarter = 0; quarter < 4; quarter++) {
        size_t first = quarter / 2 * (pages / 2) + quarter % 2;
        total += run_pass(&(struct pass){.first = first, .count = pages / 4, .stride = 2}, thread_count);
    }
    return total;
}

static int compare_times(const void *left, const void *right)
{
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof values[0], compare_times);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

static size_t number(const char *text, size_t least, size_t most)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (*end != '\0' || value < least || value > most) {
        fprintf(stderr, "%s: '%s' is not a number from %zu to %zu\n", peer_name, text, least, most);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv)
{
    int is_shared = argc == 6;
    int is_private = argc == 7 && strcmp(argv[6], "private") == 0;
    if (!is_shared && !is_private) {
        fprintf(stderr, "usage: %s PATTERN AREAS THREADS PAGES ROUNDS [private]\n", argv[0]);
        return 2;
    }
    int is_alternating = strcmp(argv[1], "alternating") == 0;
    s_area_count = number(argv[2], 1, MAX_AREAS);
    size_t thread_count = number(argv[3], 1, s_area_count);
    if (s_area_count % thread_count != 0) {
        fprintf(stderr, "%s: %zu threads cannot share %zu areas evenly\n", peer_name, thread_count, s_area_count);
        return 2;
    }
    size_t pages_each = number(argv[4], s_area_count * 4, MAX_PAGES) / s_area_count / 4 * 4;
    size_t round_count = number(argv[5], 1, MAX_ROUNDS);

    for (size_t i = 0; i < s_area_count; i++) {
        s_areas[i].pages = pages_each;
        map_area(&s_areas[i], is_shared);
    }
    peer_install(s_areas, s_area_count);

    double means[MAX_ROUNDS];
    size_t faults = pages_each * s_area_count;
    run_round(is_alternating, pages_each, thread_count);
    s_slice_count = 0;
    for (size_t round = 0; round < round_count; round++) {
        means[round] = (double)run_round(is_alternating, pages_each, thread_count) / (double)faults;
    }

    cpu_set_t cores;
    sched_getaffinity(0, sizeof cores, &cores);
    printf("{\"side\":\"%s\",\"workload\":\"%s\",\"memory\":\"%s\",\"areas\":%zu,\"threads\":%zu,\"cores\":%d,"
           "\"count\":%zu,\"ns\":%.1f,\"meanNs\":%.1f}\n",
           peer_name, argv[1], is_shared ? "shared" : "private", s_area_count, thread_count, CPU_COUNT(&cores), faults * round_count,
           median(s_slices, s_slice_count), median(means, round_count));
    return 0;
}
