/* The trap library: brings a hardware page fault on a window to an upcall, and back.
 * What stands here is mirrored by Runtime.Native/Trap/TrapLibrary.cs; a test holds the two together. */
#ifndef KATYDID_TRAP_H
#define KATYDID_TRAP_H

#include <stdint.h>

#ifdef _WIN32
#define KT_EXPORT __declspec(dllexport)
#else
#define KT_EXPORT __attribute__((visibility("default")))
#endif

#define KT_UNIT_SHIFT 26                    /* the arena is dealt out in units of 64 MiB */
#define KT_ADDRESS_BITS 47                  /* user space of x64 */
#define KT_REGIONS 65536                    /* region 0 means none */
#define KT_NAME_BYTES 64                    /* of a region's name, terminator included */

/* Who touched the page; decides how the fault is served. */
enum kt_way {
    KT_ACCESSOR,                            /* an accessor routine: upcall on the faulting thread */
    KT_NATIVE_SECTION,                      /* native code under the mark: the same */
    KT_MANAGED,                             /* managed code on a raw pointer: posted, retried, rescued if need be */
    KT_UNMARKED_NATIVE,                     /* native code without the mark: posted, retried until the deadline */
    KT_WAYS
};

enum kt_access { KT_READ, KT_WRITE, KT_EXECUTE };

/* Outcomes of an upcall: 0 resolved, positive a status that the library only carries, and: */
#define KT_HAND_OVER (-1)                   /* too little stack here: let a pager thread serve it */
#define KT_RESCUED (-2)                     /* in kt_last_fault: not answered, ended as a null reference for a tie */

struct kt_fault {
    uint64_t address;                       /* the byte touched */
    uint64_t offset;                        /* the same, from the region's first byte */
    uint64_t instruction;                   /* that touched it */
    uint64_t parent;                        /* what the faulting thread was serving: its value of *serving */
    uint64_t *serving;                      /* of the serving thread; the upcall keeps there what it serves */
    uint32_t region;
    uint32_t access;                        /* enum kt_access */
    uint32_t way;                           /* enum kt_way */
    int32_t outcome;
};

typedef int32_t (*kt_upcall)(struct kt_fault *fault);

struct kt_settings {
    kt_upcall upcall;
    int32_t deadline_ms;                    /* a posted fault is given up after it */
    int32_t deadline_status;                /* and fails with this status */
    int32_t stall_ms;                       /* without a heartbeat for so long means: a suspension waits for us */
    int32_t reserved;
};

struct kt_statistics {
    int64_t faults[KT_WAYS];                /* faults on windows, by way; a retry is no new fault */
    int64_t failed[KT_WAYS];                /* of those, ended with a status */
    int64_t retries;                        /* slices that passed without an answer */
    int64_t rescues;                        /* stalled faults presented as null references */
    int64_t handed_over;                    /* same-thread faults served by a pager for want of stack */
    int64_t overflows;                      /* waits for a free hand-off slot */
    int64_t foreign;                        /* faults that were not ours, left to the previous handler */
};

/* Set-up. 0 or an errno / Windows error code. A second call fails with -1: one trap library per process. */
KT_EXPORT int32_t kt_install(const struct kt_settings *settings);
KT_EXPORT void kt_set_deadline(int32_t milliseconds);

/* Regions: [base, base + length) in whole units belongs to region, until closed. A crash's last line has the name. */
KT_EXPORT void kt_region_open(uint32_t region, uint64_t base, uint64_t length, const char *name);
KT_EXPORT void kt_region_close(uint32_t region, uint64_t base, uint64_t length);

/* What is granted in a region, where the system may take granted pages out of it (Linux, userfaultfd): see reopen_linux.c.
 * Forgotten when the region is closed. */
KT_EXPORT void kt_region_grants(uint32_t region, void *leaves, int32_t descriptor);

/* Sets the calling thread's mark of a native section; returns the mark that was. */
KT_EXPORT int32_t kt_mark_native(int32_t mark);

/* Sets what the calling thread serves outside of an upcall, a cut say; returns what it served before. */
KT_EXPORT uint64_t kt_exchange_serving(uint64_t serving);

/* Pager threads: take waits up to timeout_ms for a posted fault (null: none); finish answers it. */
KT_EXPORT struct kt_fault *kt_pager_take(int32_t timeout_ms);
KT_EXPORT void kt_pager_finish(struct kt_fault *fault, int32_t outcome);
KT_EXPORT int32_t kt_pager_backlog(void);   /* posted faults that nobody has taken */

/* For the heartbeat thread, in a loop: returns, now and then, while posted faults are outstanding. Who calls it again
 * has come through managed code, which so runs. */
KT_EXPORT void kt_heartbeat_wait(void);

KT_EXPORT void kt_read_statistics(struct kt_statistics *statistics);

/* The last fault of the calling thread that failed; 0 if there was none. */
KT_EXPORT int32_t kt_last_fault(struct kt_fault *fault);

/* The accessors, in accessors_x64.S: 0, or the status with which a fault of theirs failed. */
KT_EXPORT int32_t kt_load8(const void *source, uint8_t *value);
KT_EXPORT int32_t kt_load16(const void *source, uint16_t *value);
KT_EXPORT int32_t kt_load32(const void *source, uint32_t *value);
KT_EXPORT int32_t kt_load64(const void *source, uint64_t *value);
KT_EXPORT int32_t kt_store8(void *destination, uint8_t value);
KT_EXPORT int32_t kt_store16(void *destination, uint16_t value);
KT_EXPORT int32_t kt_store32(void *destination, uint32_t value);
KT_EXPORT int32_t kt_store64(void *destination, uint64_t value);
KT_EXPORT int32_t kt_exchange64(void *destination, uint64_t value, uint64_t comparand, uint64_t *previous);
KT_EXPORT int32_t kt_copy(void *destination, const void *source, uint64_t count);
KT_EXPORT int32_t kt_fill(void *destination, uint8_t value, uint64_t count);

#endif
