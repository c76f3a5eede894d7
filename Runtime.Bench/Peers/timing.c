#define _GNU_SOURCE
#include "timing.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static int compare_times(const void *left, const void *right)
{
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

double median(double *values, size_t count)
{
    qsort(values, count, sizeof values[0], compare_times);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

int core_count(void)
{
    cpu_set_t cores;
    sched_getaffinity(0, sizeof cores, &cores);
    return CPU_COUNT(&cores);
}

size_t number(const char *text, size_t least, size_t most)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (*end != '\0' || value < least || value > most) {
        fprintf(stderr, "'%s' is not a number from %zu to %zu\n", text, least, most);
        exit(2);
    }
    return value;
}

void fail_with(const char *call, const char *reason)
{
    fprintf(stderr, "%s failed: %s\n", call, reason);
    exit(EXIT_FAILURE);
}
