/* What the threads of both systems do. */
#ifndef KATYDID_HELPERS_THREADS_H
#define KATYDID_HELPERS_THREADS_H

#include "helpers.h"

struct errand {
    uint8_t *address;
    kh_mark mark;
    const struct kh_state *in;
    struct kh_state *out;
    uint64_t shift, vectors;
    uint64_t stack_left;                    /* 0: as much as there is */
    int32_t result;                         /* enum kh_touched */
};

int32_t has_alternate_stack(void);
uint64_t stack_low(void);                   /* the lowest usable address of the thread's stack */
void run_errand(struct errand *errand);
int32_t run_on_bare_thread(struct errand *errand);

#endif
