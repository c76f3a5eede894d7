/* Native code for tests: a module that is neither the runtime nor the trap library, and touches windows in ways that C#
 * cannot. Never packed. Runtime.Tests/Native/Helpers.cs declares the same. */
#ifndef KATYDID_HELPERS_H
#define KATYDID_HELPERS_H

#include <stdint.h>

#ifdef _WIN32
#define KH_EXPORT __declspec(dllexport)
#else
#define KH_EXPORT __attribute__((visibility("default")))
#endif

/* touch.c: single touches by native code. */
KH_EXPORT uint8_t kh_read(const uint8_t *address);
KH_EXPORT void kh_write(uint8_t *address, uint8_t value);
KH_EXPORT void kh_execute(const void *address);
KH_EXPORT uint8_t kh_read_by_code_of_no_module(const uint8_t *address); /* as a compiler makes it at run time */
KH_EXPORT void kh_call(void (*callback)(void));
/* Sets errno (last error), touches, and returns what it is then. */
KH_EXPORT int32_t kh_error_after_touch(const uint8_t *address, int32_t error);
KH_EXPORT uint8_t kh_read_under_lock(const uint8_t *address);
KH_EXPORT int32_t kh_is_locked(void);       /* whether somebody is in kh_read_under_lock */

/* What compiled code takes for granted where it begins. */
struct kh_environment {
    uint64_t flags;
    uint32_t mxcsr;
    uint16_t x87_control;
    uint16_t x87_tags;                      /* two bits for each register; 3: empty */
};
KH_EXPORT void kh_environment(struct kh_environment *environment);

/* Everything that a computation keeps in registers. */
struct kh_state {
    uint64_t general[16];                   /* in the processor's numbering; 3, rbx: the address; 4, rsp: not used */
    uint64_t flags;
    uint32_t mxcsr;
    uint32_t x87_control;
    uint8_t x87[8][16];                     /* 10 bytes each are used */
    uint64_t mask[8];                       /* k0 to k7 */
    uint64_t red_zone[16];                  /* the 128 bytes below the stack pointer */
    uint8_t vector[32][64];
};

enum kh_vectors { KH_SSE, KH_AVX, KH_AVX512 };

/* registers_x64.S: loads in, writes a byte to general[3] with the stack pointer at 64 n - shift, stores what is there
 * then. */
KH_EXPORT void kh_state_across_touch(const struct kh_state *in, struct kh_state *out, uint64_t shift, uint64_t vectors);
KH_EXPORT int32_t kh_vectors(void);         /* the widest registers of this processor and system */

/* threads_*.c */
typedef int32_t (*kh_mark)(int32_t);        /* kt_mark_native of the trap library */
KH_EXPORT uint64_t kh_thread_id(void);
/* What a touch came to: bits, or -1 if there is no such thread. */
enum kh_touched { KH_HAD_ALTERNATE_STACK = 1, KH_ERROR_CHANGED = 2 };
/* Writes a byte to general[3] of the state, with errno (last error) set to a number of the shift's; in a native section
 * if a mark is given, and on a new thread that the runtime does not know and that has no alternate stack if wanted. */
KH_EXPORT int32_t kh_touch_with_state(kh_mark mark, const struct kh_state *in, struct kh_state *out, uint64_t shift,
                                      uint64_t vectors, int32_t on_bare_thread);
/* Writes a byte in a native section with about so much stack left, on this thread or a bare one. */
KH_EXPORT int32_t kh_touch_with_stack_left(uint8_t *address, kh_mark mark, uint64_t stack_left, int32_t on_bare_thread);

/* handlers_*.c: two libraries with fault handlers of their own (number 0 and 1). Each mends faults on its own guarded
 * page, as a garbage collector or an emulator does, and passes the others to whoever was there before. */
KH_EXPORT int32_t kh_handler_install(int32_t number);
KH_EXPORT uint8_t *kh_handler_page(int32_t number);
KH_EXPORT int64_t kh_handler_mended(int32_t number);
KH_EXPORT int64_t kh_handler_passed(int32_t number);
/* From now on it ends the process with this code instead of passing a fault on. */
KH_EXPORT void kh_handler_end_with(int32_t number, int32_t code);

#ifndef _WIN32
/* process_linux.c */
KH_EXPORT uint64_t kh_blocked_signals(void);
/* In a forked child: 0 if nothing is mapped at the page, 1 if something is, -1 if that could not be found out. */
KH_EXPORT int32_t kh_child_has(const void *page);
KH_EXPORT int32_t kh_is_resident(const void *page);
/* Sends the calling thread a signal that says what one of the kernel's own would say. 0, or -1. */
KH_EXPORT int32_t kh_send_to_self(int32_t signal, int32_t code, void *address);

/* refusals_linux.c: from now on so many calls for memory succeed, and the next one fails once; 0: none fails. */
KH_EXPORT void kh_refuse(int64_t number);
KH_EXPORT const char *kh_refused(void);     /* the one that did since; null for none */
#endif

#endif
