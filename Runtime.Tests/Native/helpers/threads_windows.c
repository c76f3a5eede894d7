#include <windows.h>
#include "threads.h"

uint64_t kh_thread_id(void)
{
    return GetCurrentThreadId();
}

/* Windows has none: exceptions are handled on the thread's own stack. */
int32_t has_alternate_stack(void)
{
    return 0;
}

uint64_t stack_low(void)
{
    ULONG_PTR low, high;
    GetCurrentThreadStackLimits(&low, &high);
    return low;
}

static DWORD WINAPI main_of_thread(void *argument)
{
    run_errand(argument);
    return 0;
}

int32_t run_on_bare_thread(struct errand *errand)
{
    HANDLE thread = CreateThread(0, 0, main_of_thread, errand, 0, 0);
    if (!thread)
        return -1;
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    return errand->result;
}
