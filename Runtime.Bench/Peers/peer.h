/* What a peer must do: after peer_install, a write to a closed page of an area opens that page and succeeds. */
#ifndef KATYDID_BENCH_PEER_H
#define KATYDID_BENCH_PEER_H

#include <stddef.h>

struct area {
    char *base;
    size_t pages;
};

extern const char peer_name[];

void peer_install(const struct area *areas, size_t count);

/* Opens the page around `address`; called from handlers, so it may not use stdio when it fails. */
void open_page(void *address);

/* Ends the program, naming the call that failed and its errno. */
_Noreturn void fail(const char *call);

#endif
