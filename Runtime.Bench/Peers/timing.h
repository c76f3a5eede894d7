/* Times and medians, for the peers that are measured by the operation. */
#ifndef KATYDID_BENCH_TIMING_H
#define KATYDID_BENCH_TIMING_H

#include <stddef.h>
#include <stdint.h>

int64_t now_ns(void);

/* Sorts the values. */
double median(double *values, size_t count);

/* Cores that this process may run on. */
int core_count(void);

/* The number in the text, or the end of the program. */
size_t number(const char *text, size_t least, size_t most);

/* Ends the program, naming the call that failed and why. */
_Noreturn void fail_with(const char *call, const char *reason);

#endif
