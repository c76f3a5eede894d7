/* The vectored handler of Windows: decides whose a fault is and which way it takes.
 *
 * The system calls it on the faulting thread's own stack, below the interrupted code, which has no red zone here, and
 * holds nothing meanwhile: so the upcall is made from here. What the upcall does to registers is undone by the context,
 * from which the system resumes; the context's instruction pointer is never changed, which is sound under shadow
 * stacks. */
#include <windows.h>
#include "internal.h"

#define DEFAULT_MXCSR 0x1f80

static _Atomic int s_installed;
static int s_is_wine;

static enum kt_way way_of(struct kt_thread *self, uint64_t instruction)
{
    if (instruction >= (uint64_t)kt_accessors_begin && instruction < (uint64_t)kt_accessors_end)
        return KT_ACCESSOR;
    switch (kt_code_of(instruction)) {
    case KT_CODE_OTHER:
        return KT_MANAGED;
    case KT_CODE_NATIVE:
        return self->native_section ? KT_NATIVE_SECTION : KT_UNMARKED_NATIVE;
    default:
        return KT_UNMARKED_NATIVE;
    }
}

/* Managed code learns of a fault that cannot be resolved as it learns of a null reference. */
static LONG present_null_reference(EXCEPTION_RECORD *record)
{
    record->ExceptionInformation[1] = 0;
    return EXCEPTION_CONTINUE_SEARCH;
}

static LONG crash(const struct kt_fault *fault)
{
    char line[256];
    DWORD written;
    WriteFile(GetStdHandle(STD_ERROR_HANDLE), line, (DWORD)kt_crash_line(fault, line, sizeof line), &written, 0);
    return EXCEPTION_CONTINUE_SEARCH;
}

static LONG end_failed(const struct kt_fault *fault, EXCEPTION_POINTERS *exception)
{
    if (fault->way == KT_ACCESSOR) {
        exception->ContextRecord->R8 = (DWORD64)kt_scratch;
        exception->ContextRecord->Rcx = 0;
        exception->ContextRecord->R11 = (uint32_t)fault->outcome;
        return EXCEPTION_CONTINUE_EXECUTION;
    }
    return fault->way == KT_MANAGED && kt_is_managed(fault->instruction)
        ? present_null_reference(exception->ExceptionRecord)
        : crash(fault);
}

/* Managed code expects the floating-point defaults, whatever the interrupted code had set. */
static int32_t serve_here(struct kt_thread *self, struct kt_fault *fault)
{
    uint32_t mxcsr = DEFAULT_MXCSR;
    __asm__ volatile("fninit\n\tldmxcsr %0" : : "m"(mxcsr) : "memory");
    return kt_serve_here(self, fault);
}

/* A view, of a chunk or of a part of one, that is open to its end. */
static int is_open_as_a_whole(const void *view)
{
    MEMORY_BASIC_INFORMATION first, next;
    return !VirtualQuery(view, &first, sizeof first)
        || (first.Protect == PAGE_READWRITE
            && !(VirtualQuery((const char *)view + first.RegionSize, &next, sizeof next)
                 && next.AllocationBase == view));
}

/* Whether the page has been granted, by the system's own account. A view that is open as a whole may be a chunk that is
 * being made just now, which Wine shows before it can be closed. */
static int is_granted(const struct kt_fault *fault)
{
    MEMORY_BASIC_INFORMATION page;
    return VirtualQuery((const void *)fault->address, &page, sizeof page)
        && page.State == MEM_COMMIT
        && (page.Protect == PAGE_READWRITE || (page.Protect == PAGE_READONLY && fault->access == KT_READ))
        && !is_open_as_a_whole(page.AllocationBase);
}

/* Between slices the instruction runs again, because only there the runtime can suspend the thread. Under Wine it never
 * does so, and an instruction that ran again while a chunk is being made would see what is not there yet: there the
 * thread stays here until its page has been granted. */
static enum kt_answer wait_for_answer(struct kt_thread *self, struct kt_fault *fault)
{
    enum kt_answer answer;
    do {
        answer = kt_post_and_wait_slice(self, fault);
    } while (s_is_wine && (answer == KT_WAITING || (answer == KT_STALLED && fault->way != KT_MANAGED))
             && !is_granted(fault));
    return answer;
}

static LONG handle_access_violation(EXCEPTION_POINTERS *exception)
{
    const EXCEPTION_RECORD *record = exception->ExceptionRecord;
    struct kt_thread *self = kt_self();
    struct kt_fault fault;
    if (!kt_is_ours(record->ExceptionInformation[1], &fault)) {
        kt_count(self, &kt_counters(self)->foreign);
        return EXCEPTION_CONTINUE_SEARCH;
    }
    fault.instruction = exception->ContextRecord->Rip;
    fault.access = record->ExceptionInformation[0] == EXCEPTION_EXECUTE_FAULT ? KT_EXECUTE
        : record->ExceptionInformation[0] == EXCEPTION_WRITE_FAULT ? KT_WRITE : KT_READ;
    fault.way = way_of(self, fault.instruction);

    if (fault.way <= KT_NATIVE_SECTION)
        return serve_here(self, &fault) ? end_failed(&fault, exception) : EXCEPTION_CONTINUE_EXECUTION;

    switch (wait_for_answer(self, &fault)) {
    case KT_ANSWERED:
        if (!fault.outcome)
            break;
        kt_fail(self, &fault, fault.outcome);
        return end_failed(&fault, exception);
    case KT_STALLED:
        if (fault.way != KT_MANAGED || !kt_is_managed(fault.instruction))
            break;
        kt_abandon(self);
        kt_count(self, &kt_counters(self)->rescues);
        fault.outcome = KT_RESCUED;
        self->last = fault;
        return present_null_reference(exception->ExceptionRecord);
    default:
        break;
    }
    return EXCEPTION_CONTINUE_EXECUTION;    /* the instruction runs again; if it still faults we are back here */
}

/* Wine keeps a list of its own frames in the thread's block, as 32-bit Windows did, and forgets to take them off when
 * the runtime unwinds through native frames. The next exception of this thread would call into a frame that is gone:
 * one below the interrupted code's stack pointer is. The list is cut as a whole, as what it leads to cannot be trusted;
 * Wine needs it for nothing but its own unwinding, which is then that of Windows. */
static void drop_stale_frames(const CONTEXT *interrupted)
{
    NT_TIB *thread;                         /* not NtCurrentTeb, of which this compiler warns wrongly */
    __asm__("movq %%gs:0x30, %0" : "=r"(thread));
    uint64_t frame = (uint64_t)thread->ExceptionList;
    if (frame >= (uint64_t)thread->StackLimit && frame < interrupted->Rsp)
        thread->ExceptionList = (void *)~(uint64_t)0;
}

static LONG CALLBACK handle(EXCEPTION_POINTERS *exception)
{
    __asm__ volatile("cld" : : : "memory"); /* the interrupted code may have set it, and compiled code relies on it */
    if (s_is_wine)
        drop_stale_frames(exception->ContextRecord);
    const EXCEPTION_RECORD *record = exception->ExceptionRecord;
    if (record->ExceptionCode != EXCEPTION_ACCESS_VIOLATION || record->NumberParameters < 2)
        return EXCEPTION_CONTINUE_SEARCH;
    DWORD last_error = GetLastError();      /* before all else: TlsGetValue clears it */
    LONG answer = handle_access_violation(exception);
    SetLastError(last_error);
    return answer;
}

int32_t kt_install(const struct kt_settings *settings)
{
    if (atomic_exchange(&s_installed, 1))
        return -1;
    kt_settings = *settings;
    kt_find_runtime();
    s_is_wine = GetProcAddress(GetModuleHandleA("ntdll.dll"), "wine_get_version") != 0;
    return AddVectoredExceptionHandler(1, handle) ? 0 : ERROR_NOT_ENOUGH_MEMORY;
}
