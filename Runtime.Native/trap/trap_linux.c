/* The signal handler of Linux: decides whose a fault is and which way it takes. */
#define _GNU_SOURCE
#include <cpuid.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>
#include "internal.h"

#define PAGE_FAULT 14                       /* the processor's trap number */
#define XFEATURE_PKRU (1u << 9)             /* belongs to the thread's rights, not to the interrupted computation */
#define TRAMPOLINE_BYTES 12288              /* of stack, beside the vector state, to find out how much stack there is */

/* What the trampoline pushed, from its stack pointer upwards. */
struct frame {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rbx, rdx, rcx, rax, flags, resume;
};

extern char kt_trampoline[] __attribute__((visibility("hidden")));
uint64_t kt_xsave_bytes __attribute__((visibility("hidden")));
uint64_t kt_xsave_mask __attribute__((visibility("hidden")));
uint32_t kt_xsave_compact __attribute__((visibility("hidden")));
static int s_same_thread_is_sound;
static struct sigaction s_before[2];        /* of SIGSEGV and SIGBUS */
static _Atomic int s_installed;

static struct sigaction *before(int signal)
{
    return &s_before[signal == SIGBUS];
}

/* The previous handler finds the world as if the kernel had called it: the runtime's throws from here and never
 * returns to us, so a signal left blocked would stay blocked for ever. */
static void leave_to_previous(int signal, siginfo_t *info, ucontext_t *context)
{
    struct sigaction *action = before(signal);
    if (action->sa_handler == SIG_DFL || (action->sa_handler == SIG_IGN && info->si_code > 0)) {
        sigaction(signal, action, 0);       /* the instruction runs again and meets the default action */
        if (info->si_code <= 0)
            syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), signal);
        return;
    }
    if (action->sa_handler == SIG_IGN)
        return;
    uint64_t mask;                          /* the kernel's sigset_t: 8 bytes */
    uint64_t added;
    memcpy(&mask, &context->uc_sigmask, sizeof mask);
    memcpy(&added, &action->sa_mask, sizeof added);
    mask |= added;
    if (!(action->sa_flags & SA_NODEFER))
        mask |= 1ull << (signal - 1);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, 0, sizeof mask);
    if (action->sa_flags & SA_SIGINFO)
        action->sa_sigaction(signal, info, context);
    else
        action->sa_handler(signal);
}

/* A handler that was installed to run on the interrupted stack must not find itself on the alternate one, as we are: the
 * runtime's of SIGBUS would take that for a stack overflow. So the trampoline takes the alternate stack away, outside of
 * the signal, and the instruction's next fault, which gives it back, is left to the handler. */
static int must_run_on_own_stack(struct kt_thread *self, int signal, const siginfo_t *info, ucontext_t *context)
{
    const stack_t *stack = &context->uc_stack;
    greg_t *registers = context->uc_mcontext.gregs;
    uint64_t low = (uint64_t)stack->ss_sp, here = (uint64_t)&stack, interrupted = (uint64_t)registers[REG_RSP];
    if (before(signal)->sa_flags & SA_ONSTACK || info->si_code <= 0 || !s_same_thread_is_sound || self->pending_full
        || here - low >= stack->ss_size || interrupted - low < stack->ss_size
        || !kt_has_room(self, interrupted, kt_xsave_bytes + TRAMPOLINE_BYTES))
        return 0;
    self->alternate_low = low;
    self->alternate_bytes = stack->ss_size;
    self->pending.region = 0;
    self->pending.instruction = (uint64_t)registers[REG_RIP];
    self->pending_full = 1;
    registers[REG_RIP] = (greg_t)kt_trampoline;
    return 1;
}

static void use_alternate_stack(struct kt_thread *self, int flags)
{
    stack_t stack = {
        .ss_sp = (void *)self->alternate_low, .ss_size = self->alternate_bytes, .ss_flags = flags,
    };
    sigaltstack(&stack, 0);
}

/* Managed code learns of a fault that cannot be resolved as it learns of a null reference. */
static void present_null_reference(siginfo_t *info, ucontext_t *context)
{
    info->si_signo = SIGSEGV;               /* the runtime's SIGBUS handler would report a stack overflow */
    info->si_code = SEGV_ACCERR;
    info->si_addr = 0;
    leave_to_previous(SIGSEGV, info, context);
}

static void crash(int signal, siginfo_t *info, ucontext_t *context, const struct kt_fault *fault)
{
    char line[256];
    ssize_t written = write(STDERR_FILENO, line, (size_t)kt_crash_line(fault, line, sizeof line));
    (void)written;                          /* there is nobody left to tell */
    leave_to_previous(signal, info, context);
}

static int is_window_fault(int signal, const siginfo_t *info, const ucontext_t *context, struct kt_fault *fault)
{
    return info->si_code > 0
        && context->uc_mcontext.gregs[REG_TRAPNO] == PAGE_FAULT
        && !(signal == SIGBUS && (info->si_code == BUS_MCEERR_AR || info->si_code == BUS_MCEERR_AO))
        && kt_is_ours((uint64_t)info->si_addr, fault);
}

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

static void handle(int signal, siginfo_t *info, void *context_)
{
    ucontext_t *context = context_;
    greg_t *registers = context->uc_mcontext.gregs;
    struct kt_thread *self = kt_self();
    struct kt_fault fault;
    int saved_errno = errno;
    int is_second = self->alternate_bytes != 0;
    if (is_second) {
        use_alternate_stack(self, 0);
        self->alternate_bytes = 0;
    }
    if (!is_window_fault(signal, info, context, &fault)) {
        if (!is_second && must_run_on_own_stack(self, signal, info, context)) {
            errno = saved_errno;
            return;
        }
        kt_count(self, &kt_counters(self)->foreign);
        leave_to_previous(signal, info, context);
        return;
    }

    uint64_t error = (uint64_t)registers[REG_ERR];
    fault.instruction = (uint64_t)registers[REG_RIP];
    fault.access = error & 16 ? KT_EXECUTE : error & 2 ? KT_WRITE : KT_READ;
    if (signal == SIGBUS && kt_reopen(&fault)) {
        errno = saved_errno;
        return;
    }
    fault.way = way_of(self, fault.instruction);

    int doomed = self->doomed && self->doomed == fault.instruction && self->last.address == fault.address;
    self->doomed = 0;
    if (doomed) {
        crash(signal, info, context, &self->last);
        return;
    }

    int wants_room = 0;
    if (fault.way <= KT_NATIVE_SECTION && s_same_thread_is_sound && !self->pending_full) {
        wants_room = !kt_has_room(self, (uint64_t)registers[REG_RSP], kt_xsave_bytes + TRAMPOLINE_BYTES);
        if (!wants_room) {
            self->pending = fault;
            self->pending_full = 1;
            registers[REG_RIP] = (greg_t)kt_trampoline;
            errno = saved_errno;
            return;
        }
    }

    enum kt_answer answer = kt_post_and_wait_slice(self, &fault);
    if (wants_room && self->touch_is_new)
        kt_count(self, &kt_counters(self)->handed_over);
    switch (answer) {
    case KT_ANSWERED:
        if (!fault.outcome)
            break;
        kt_fail(self, &fault, fault.outcome);
        errno = saved_errno;
        if (fault.way == KT_ACCESSOR) {
            registers[REG_R8] = (greg_t)kt_scratch;
            registers[REG_RCX] = 0;
            registers[REG_R11] = fault.outcome;
        } else if (fault.way == KT_MANAGED && kt_is_managed(fault.instruction)) {
            present_null_reference(info, context);
        } else {
            crash(signal, info, context, &fault);
        }
        return;
    case KT_STALLED:
        if (fault.way == KT_MANAGED && kt_is_managed(fault.instruction)) {
            kt_abandon(self);
            kt_count(self, &kt_counters(self)->rescues);
            fault.outcome = KT_RESCUED;
            self->last = fault;
            errno = saved_errno;
            present_null_reference(info, context);
            return;
        }
        break;
    default:
        break;
    }
    errno = saved_errno;                    /* the instruction runs again; if it still faults we are back here */
}

/* Called by the trampoline on the faulting thread, outside of the signal. */
__attribute__((visibility("hidden"))) void kt_serve_frame(struct frame *frame)
{
    int saved_errno = errno;
    struct kt_thread *self = kt_self();
    struct kt_fault fault = self->pending;
    self->pending_full = 0;
    frame->resume = fault.instruction;
    if (!fault.region) {
        use_alternate_stack(self, SS_DISABLE);
        errno = saved_errno;
        return;
    }
    int32_t status = kt_serve_here(self, &fault);
    if (status && fault.way == KT_ACCESSOR) {
        frame->r8 = (uint64_t)kt_scratch;
        frame->rcx = 0;
        frame->r11 = (uint32_t)status;
    } else if (status) {
        self->doomed = fault.instruction;   /* native code cannot be told: its next attempt is left to the others */
    }
    errno = saved_errno;
}

static void measure_vector_state(void)
{
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
        return;
    unsigned low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    __get_cpuid_count(13, 0, &a, &b, &c, &d);
    kt_xsave_bytes = ((uint64_t)b + 63) & ~63ull;
    kt_xsave_mask = ((uint64_t)high << 32 | low) & ~(uint64_t)XFEATURE_PKRU;
    __get_cpuid_count(13, 1, &a, &b, &c, &d);
    kt_xsave_compact = (a >> 1) & 1;
}

/* The trampoline returns to an address that was never called from: fatal under a shadow stack, so there all faults are
 * posted. rdsspq leaves its operand alone where shadow stacks are off. */
static int shadow_stack_is_on(void)
{
    uint64_t pointer = 0;
    __asm__ volatile("rdsspq %0" : "+r"(pointer));
    return pointer != 0;
}

static int install_for(int signal)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    if (sigaction(signal, 0, before(signal)))
        return errno;
    action.sa_sigaction = handle;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
    /* The runtime suspends threads by SIGRTMIN: blocked here, it arrives at the faulting instruction after us. */
    action.sa_mask = before(SIGSEGV)->sa_mask;
    sigaddset(&action.sa_mask, SIGRTMIN);
    return sigaction(signal, &action, 0) ? errno : 0;
}

int32_t kt_install(const struct kt_settings *settings)
{
    if (atomic_exchange(&s_installed, 1))
        return -1;
    kt_settings = *settings;
    measure_vector_state();
    s_same_thread_is_sound = kt_xsave_bytes != 0 && !shadow_stack_is_on();
    kt_find_runtime();
    int error = install_for(SIGSEGV);
    return error ? error : install_for(SIGBUS);
}
