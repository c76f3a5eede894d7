/* What a store must do to be compared: one page under a number, durable when store_commit returns. */
#ifndef KATYDID_BENCH_COMMITS_H
#define KATYDID_BENCH_COMMITS_H

#include <stddef.h>
#include <stdint.h>

enum { COMMIT_BYTES = 4096 };

extern const char store_name[];

/* Makes a store in a folder that exists; called once. */
void store_open(const char *folder);

/* A thread's own way into the store, where it needs one. */
void *store_enter(void);

void store_commit(void *entered, uint64_t key, const void *page);

void store_leave(void *entered);

#endif
