/* What the library asks of Linux: thread state, time, futexes, the bounds of a stack. */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "internal.h"

/* initial-exec: reaching it never allocates, so a handler may. */
static __thread struct kt_thread s_self __attribute__((tls_model("initial-exec")));

struct kt_thread *kt_self(void)
{
    return &s_self;
}

int64_t kt_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void kt_wait(_Atomic uint32_t *word, uint32_t expected, int64_t nanoseconds)
{
    struct timespec timeout = { nanoseconds / 1000000000, nanoseconds % 1000000000 };
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, &timeout, 0, 0);
}

void kt_wake(_Atomic uint32_t *word, int everyone)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, everyone ? 0x7fffffff : 1, 0, 0, 0);
}

/* Called by the trampoline, not in a handler: pthread_getattr_np may allocate and read files. */
uint64_t kt_stack_left(struct kt_thread *self)
{
    uint64_t here = (uint64_t)__builtin_frame_address(0);
    if (!self->stack_high) {
        pthread_attr_t attributes;
        void *low = 0;
        size_t size = 0;
        if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
            pthread_attr_getstack(&attributes, &low, &size);
            pthread_attr_destroy(&attributes);
        }
        self->stack_low = (uint64_t)low;
        self->stack_high = (uint64_t)low + size;
    }
    /* On a stack of somebody's own making nothing is known: too little. */
    return here > self->stack_low && here < self->stack_high ? here - self->stack_low : 0;
}

/* Whether nothing of a page can be read. The system looks at the address before it refuses the first argument. */
static int is_inaccessible(uint64_t address)
{
    return syscall(SYS_rt_sigprocmask, -1, address, 0, 8) != 0 && errno == EFAULT;
}

/* For the handler, before it sends the thread to the trampoline: whether that can be begun. How much stack there is is
 * found out there, on the thread's first fault; until then the pages below the stack pointer are tried. */
int kt_has_room(struct kt_thread *self, uint64_t stack_pointer, uint64_t bytes)
{
    if (stack_pointer >= self->stack_low && stack_pointer < self->stack_high)
        return stack_pointer - self->stack_low >= KT_STACK_NEEDED;
    for (uint64_t page = stack_pointer & KT_PAGE_MASK; page + 4096 > stack_pointer - bytes; page -= 4096)
        if (is_inaccessible(page))
            return 0;
    return 1;
}
