#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "threads.h"

static __thread uint64_t s_stack_low;

uint64_t kh_thread_id(void)
{
    return (uint64_t)syscall(SYS_gettid);
}

int32_t has_alternate_stack(void)
{
    stack_t stack;
    return sigaltstack(0, &stack) == 0 && !(stack.ss_flags & SS_DISABLE);
}

uint64_t stack_low(void)
{
    if (!s_stack_low) {
        pthread_attr_t attributes;
        void *low = 0;
        size_t size = 0;
        if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
            pthread_attr_getstack(&attributes, &low, &size);
            pthread_attr_destroy(&attributes);
        }
        s_stack_low = (uint64_t)low;
    }
    return s_stack_low;
}

static void *main_of_thread(void *argument)
{
    struct errand *errand = argument;
    errand->result = has_alternate_stack();
    run_errand(errand);
    return 0;
}

int32_t run_on_bare_thread(struct errand *errand)
{
    pthread_t thread;
    if (pthread_create(&thread, 0, main_of_thread, errand))
        return -1;
    pthread_join(thread, 0);
    return errand->result;
}
