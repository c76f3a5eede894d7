/* What the parts of the trap library know of each other. */
#ifndef KATYDID_TRAP_INTERNAL_H
#define KATYDID_TRAP_INTERNAL_H

#include <stdatomic.h>
#include "trap.h"

#define KT_PAGE_MASK (~(uint64_t)4095)
#define KT_STACK_NEEDED 65536               /* an upcall is not begun with less stack than this */

/* A slice of waiting for a posted fault: short, because a suspension waits as long. Windows ends waits at the ticks of
 * its clock; Wine does not, but there hundreds of threads in slices of 1 ms starve the pagers. */
#ifdef _WIN32
#define KT_SLICE_MS 16
#else
#define KT_SLICE_MS 1
#endif

/* Everything the library keeps per thread. Small: on Linux it lives in the static TLS block. */
struct kt_thread {
    struct kt_fault pending;                /* from the handler to the trampoline */
    struct kt_fault last;                   /* the last that failed */
    uint64_t serving;                       /* what the upcall on this thread serves; the upcall's own business */
    uint64_t doomed;                        /* instruction of a failed fault of native code: again, and it is a crash */
    uint64_t touch;                         /* page, way and access of the touch that is being retried; 0: none */
    int64_t began_ms, slice_ms;             /* of it: its first slice, and the end of the last one */
    int64_t called_ms, stalled_ms;          /* the call of the heartbeat that we saw unanswered, and for how long */
    uint32_t touch_is_new;                  /* the last slice was the first of a touch */
    uint32_t slot;                          /* 1 + index of the slot with our posted fault, or 0 */
    uint32_t post;                          /* the number of that post */
    uint32_t pending_full;
    uint32_t native_section;
    uint32_t stripe;                        /* of the statistics; 0: not chosen yet */
    uint64_t stack_low, stack_high;         /* Linux: bounds of the stack, once known */
    uint64_t alternate_low, alternate_bytes; /* Linux: the alternate stack, taken away for one signal; 0: it is not */
};

/* trap.c */
extern struct kt_settings kt_settings;
int kt_is_ours(uint64_t address, struct kt_fault *fault);
void *kt_grants_of(uint32_t region, int32_t *descriptor);
void kt_count(struct kt_thread *self, int64_t *counter);
struct kt_statistics *kt_counters(struct kt_thread *self);
int32_t kt_serve_here(struct kt_thread *self, struct kt_fault *fault);
int32_t kt_fail(struct kt_thread *self, struct kt_fault *fault, int32_t status);
int kt_crash_line(const struct kt_fault *fault, char *line, int size);
extern char kt_accessors_begin[], kt_accessors_end[];
extern unsigned char kt_scratch[64];        /* where a failed accessor's last instruction goes instead */

/* handoff.c */
enum kt_answer { KT_ANSWERED, KT_WAITING, KT_STALLED };
enum kt_answer kt_post_and_wait_slice(struct kt_thread *self, struct kt_fault *fault);
void kt_abandon(struct kt_thread *self);
int32_t kt_post_and_wait(struct kt_thread *self, struct kt_fault *fault);

/* os_*.c */
struct kt_thread *kt_self(void);
int64_t kt_now_ms(void);
void kt_wait(_Atomic uint32_t *word, uint32_t expected, int64_t nanoseconds);
void kt_wake(_Atomic uint32_t *word, int everyone);
uint64_t kt_stack_left(struct kt_thread *self);
#ifdef __linux__
int kt_has_room(struct kt_thread *self, uint64_t stack_pointer, uint64_t bytes);
#endif

#ifdef __linux__
/* reopen_linux.c */
int kt_reopen(const struct kt_fault *fault);
#endif

/* code_*.c */
enum kt_code { KT_CODE_NATIVE, KT_CODE_RUNTIME, KT_CODE_OTHER };
void kt_find_runtime(void);
enum kt_code kt_code_of(uint64_t instruction);
int kt_is_managed(uint64_t instruction);

#endif
