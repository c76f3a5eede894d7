/* The one loop that every side measures, so that only the way a fault is served differs. */
#ifndef KATYDID_BENCH_TOUCH_H
#define KATYDID_BENCH_TOUCH_H

#include <stddef.h>

#ifdef _WIN32
#define TOUCH_EXPORT __declspec(dllexport)
#else
#define TOUCH_EXPORT __attribute__((visibility("default")))
#endif

enum { PAGE_BYTES = 4096 };

/* Writes one byte to each of `count` pages, `stride` pages apart. */
TOUCH_EXPORT void touch_pages(char *first, size_t count, size_t stride);

#endif
