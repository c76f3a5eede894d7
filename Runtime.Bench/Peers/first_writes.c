/*
 * The first write to each page after the system was told to keep the old content: by fork, whose child keeps it, or by
 * a private mapping of a memfd, which keeps it.
 *
 *   first_writes fork|private PAGES ROUNDS
 *
 * "ns" is the median over slices of 64 writes, "meanNs" the median over whole rounds. A round that warms up goes first.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "timing.h"
#include "touch.h"

enum { MAX_PAGES = 65536, MAX_ROUNDS = 32, SLICE = 64 };

static double s_slices[MAX_ROUNDS * (MAX_PAGES / SLICE + 1)];
static size_t s_slice_count;

static void check(int is_right, const char *call)
{
    if (!is_right) {
        fail_with(call, strerror(errno));
    }
}

static char *map(size_t bytes, int flags, int descriptor)
{
    char *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, descriptor, 0);
    check(base != MAP_FAILED, "mmap");
    /* A huge page would be copied whole by its first write. */
    check(madvise(base, bytes, MADV_NOHUGEPAGE) == 0, "madvise");
    return base;
}

static double write_first(char *base, size_t pages)
{
    int64_t round_began = now_ns();
    int64_t began = round_began;
    for (size_t done = 0; done < pages; done += SLICE) {
        size_t count = pages - done < SLICE ? pages - done : SLICE;
        touch_pages(base + done * PAGE_BYTES, count, 1);
        int64_t ended = now_ns();
        s_slices[s_slice_count++] = (double)(ended - began) / (double)count;
        began = ended;
    }
    return (double)(began - round_began) / (double)pages;
}

static double run_fork(char *base, size_t pages)
{
    pid_t child = fork();
    check(child >= 0, "fork");
    if (child == 0) {
        for (;;) {
            pause();
        }
    }
    double mean = write_first(base, pages);
    check(kill(child, SIGKILL) == 0, "kill");
    check(waitpid(child, NULL, 0) == child, "waitpid");
    return mean;
}

static double run_private(int descriptor, size_t pages)
{
    char *base = map(pages * PAGE_BYTES, MAP_PRIVATE, descriptor);
    /* Present and readable, as pages are after a cut. */
    check(madvise(base, pages * PAGE_BYTES, MADV_POPULATE_READ) == 0, "madvise");
    double mean = write_first(base, pages);
    check(munmap(base, pages * PAGE_BYTES) == 0, "munmap");
    return mean;
}

int main(int argc, char **argv)
{
    int is_fork = argc == 4 && strcmp(argv[1], "fork") == 0;
    if (argc != 4 || (!is_fork && strcmp(argv[1], "private") != 0)) {
        fprintf(stderr, "usage: %s fork|private PAGES ROUNDS\n", argv[0]);
        return 2;
    }
    size_t pages = number(argv[2], 1, MAX_PAGES);
    size_t rounds = number(argv[3], 1, MAX_ROUNDS - 1);
    int descriptor = memfd_create("peer", MFD_CLOEXEC);
    check(descriptor >= 0 && ftruncate(descriptor, (off_t)(pages * PAGE_BYTES)) == 0, "memfd_create");
    char *base = is_fork ? map(pages * PAGE_BYTES, MAP_PRIVATE | MAP_ANONYMOUS, -1)
                         : map(pages * PAGE_BYTES, MAP_SHARED, descriptor);
    touch_pages(base, pages, 1);

    double means[MAX_ROUNDS];
    for (size_t round = 0; round <= rounds; round++) {
        if (round == 1) {
            s_slice_count = 0;
        }
        means[round] = is_fork ? run_fork(base, pages) : run_private(descriptor, pages);
    }
    printf("{\"topic\":\"first write\",\"side\":\"%s\",\"workload\":\"first write after a snapshot\",\"threads\":1,"
           "\"cores\":%d,\"count\":%zu,\"ns\":%.1f,\"meanNs\":%.1f}\n",
           is_fork ? "fork" : "MAP_PRIVATE", core_count(), pages * rounds, median(s_slices, s_slice_count),
           median(means + 1, rounds));
    return 0;
}
