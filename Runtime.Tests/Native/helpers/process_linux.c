#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "helpers.h"

#define PAGE 4096

uint64_t kh_blocked_signals(void)
{
    uint64_t mask = 0;
    syscall(SYS_rt_sigprocmask, SIG_BLOCK, 0, &mask, sizeof mask);
    return mask;
}

int32_t kh_child_has(const void *page)
{
    pid_t child = fork();
    if (child < 0)
        return -1;
    if (child == 0) {
        unsigned char resident;
        _exit(mincore((void *)page, PAGE, &resident) == 0 ? 1 : errno == ENOMEM ? 0 : 2);
    }
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) && WEXITSTATUS(status) < 2 ? WEXITSTATUS(status) : -1;
}

int32_t kh_send_to_self(int32_t signal, int32_t code, void *address)
{
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_signo = signal;
    info.si_code = code;
    info.si_addr = address;
    return (int32_t)syscall(SYS_rt_tgsigqueueinfo, getpid(), syscall(SYS_gettid), signal, &info);
}

int32_t kh_is_resident(const void *page)
{
    unsigned char resident;
    return mincore((void *)page, PAGE, &resident) == 0 ? resident & 1 : -1;
}
