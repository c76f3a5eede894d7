/* What the library asks of Windows: thread state, time, waiting on an address, the bounds of a stack. */
#include <windows.h>
#include "internal.h"

/* No __thread: a library loaded late gets its memory from the heap, in the handler that first touches it. A slot of
 * TlsAlloc leads to a place in this pool instead. Who finds it full waits until a thread ends. */
#define THREADS 8192
static struct kt_thread s_threads[THREADS];
static _Atomic uint32_t s_taken[THREADS];
static _Atomic uint32_t s_next;
static DWORD s_slot;

static struct kt_thread *enrol(void)
{
    for (uint32_t tried = 1;; tried++) {
        uint32_t index = atomic_fetch_add(&s_next, 1) % THREADS;
        if (!atomic_exchange(&s_taken[index], 1)) {
            TlsSetValue(s_slot, &s_threads[index]);
            return &s_threads[index];
        }
        if (tried % THREADS == 0)
            Sleep(1);
    }
}

static void leave(void)
{
    struct kt_thread *self = TlsGetValue(s_slot);
    if (!self)
        return;
    kt_abandon(self);
    memset(self, 0, sizeof *self);
    TlsSetValue(s_slot, 0);
    atomic_store(&s_taken[self - s_threads], 0);
}

BOOL WINAPI DllMain(HINSTANCE library, DWORD reason, LPVOID reserved)
{
    (void)library;
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH)
        return (s_slot = TlsAlloc()) != TLS_OUT_OF_INDEXES;
    if (reason == DLL_THREAD_DETACH)
        leave();
    return TRUE;
}

struct kt_thread *kt_self(void)
{
    struct kt_thread *self = TlsGetValue(s_slot);
    return self ? self : enrol();
}

/* Not GetTickCount64, which moves in steps of 16 ms. */
int64_t kt_now_ms(void)
{
    LARGE_INTEGER now, frequency;
    QueryPerformanceCounter(&now);
    QueryPerformanceFrequency(&frequency);
    return now.QuadPart / frequency.QuadPart * 1000 + now.QuadPart % frequency.QuadPart * 1000 / frequency.QuadPart;
}

void kt_wait(_Atomic uint32_t *word, uint32_t expected, int64_t nanoseconds)
{
    WaitOnAddress((volatile void *)word, &expected, sizeof expected, (DWORD)((nanoseconds + 999999) / 1000000));
}

void kt_wake(_Atomic uint32_t *word, int everyone)
{
    if (everyone)
        WakeByAddressAll((void *)word);
    else
        WakeByAddressSingle((void *)word);
}

uint64_t kt_stack_left(struct kt_thread *self)
{
    (void)self;                             /* the system knows: it is read from the thread's environment block */
    uint64_t here = (uint64_t)__builtin_frame_address(0);
    ULONG_PTR low, high;
    GetCurrentThreadStackLimits(&low, &high);
    /* On a stack of somebody's own making nothing is known: too little. */
    return here > low && here < high ? here - low : 0;
}
