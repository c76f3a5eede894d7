#include <stdlib.h>
#include "threads.h"

#ifdef _WIN32
#include <windows.h>

static void set_error(int32_t error) { SetLastError((DWORD)error); }
static int32_t get_error(void) { return (int32_t)GetLastError(); }
#else
#include <errno.h>

static void set_error(int32_t error) { errno = error; }
static int32_t get_error(void) { return errno; }
#endif

static void touch_with_state(struct errand *errand)
{
    int32_t error = 1000 + (int32_t)errand->shift;
    set_error(error);
    kh_state_across_touch(errand->in, errand->out, errand->shift, errand->vectors);
    if (get_error() != error)
        errand->result |= KH_ERROR_CHANGED;
}

static void touch(struct errand *errand)
{
    int32_t before = errand->mark ? errand->mark(1) : 0;
    if (errand->in)
        touch_with_state(errand);
    else
        kh_write(errand->address, 0x5a);
    if (errand->mark)
        errand->mark(before);
}

/* Goes down in small steps, so that a stack that grows at its guard page can. */
__attribute__((noinline)) static void descend(struct errand *errand)
{
    volatile char step[1024];
    step[0] = step[sizeof step - 1] = 1;
    if ((uint64_t)__builtin_frame_address(0) - stack_low() > errand->stack_left + 2 * sizeof step)
        descend(errand);
    else
        touch(errand);
    step[0] = 0;                            /* after the call: no tail call */
}

void run_errand(struct errand *errand)
{
    if (errand->stack_left)
        descend(errand);
    else
        touch(errand);
}

int32_t kh_touch_with_state(kh_mark mark, const struct kh_state *in, struct kh_state *out, uint64_t shift,
                            uint64_t vectors, int32_t on_bare_thread)
{
    struct errand errand = { .mark = mark, .in = in, .out = out, .shift = shift, .vectors = vectors };
    if (on_bare_thread)
        return run_on_bare_thread(&errand);
    errand.result = has_alternate_stack();
    run_errand(&errand);
    return errand.result;
}

int32_t kh_touch_with_stack_left(uint8_t *address, kh_mark mark, uint64_t stack_left, int32_t on_bare_thread)
{
    struct errand errand = { .address = address, .mark = mark, .stack_left = stack_left };
    if (on_bare_thread)
        return run_on_bare_thread(&errand);
    run_errand(&errand);
    return 0;
}
