#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "helpers.h"

/*
 * The calls by which the library gets memory and rights to it, each of which can be told to fail. They take the place
 * of the C library's only where somebody binds to this library: by a resolver, or, for mmap, by LD_PRELOAD.
 */
#define CALL __attribute__((visibility("default")))
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

static _Atomic int64_t left;                                        /* until one fails; 0: none will */
static const char *_Atomic refused;

void kh_refuse(int64_t number)
{
    if (number > 0)
        atomic_store(&refused, 0);
    atomic_store(&left, number);
}

const char *kh_refused(void)
{
    return atomic_load(&refused);
}

/* Under LD_PRELOAD the whole process comes here. Ours is what compiled C# asks for, which is in no module, and what
 * Mono.Posix does for it. */
static int is_ours(void *caller)
{
    Dl_info info;
    return !dladdr(caller, &info) || (info.dli_fname && strstr(info.dli_fname, "MonoPosix"));
}

#define refuses(call) refuses_to(__builtin_return_address(0), call)

static int refuses_to(void *caller, const char *call)
{
    if (atomic_load(&left) <= 0 || !is_ours(caller))
        return 0;
    int64_t now = atomic_load(&left);
    do {
        if (now <= 0)
            return 0;
    } while (!atomic_compare_exchange_weak(&left, &now, now - 1));
    if (now > 1)
        return 0;
    atomic_store(&refused, call);
    errno = ENOMEM;
    return 1;
}

CALL int memfd_create(const char *name, unsigned int flags)
{
    return refuses("memfd_create") ? -1 : (int)syscall(SYS_memfd_create, name, flags);
}

CALL void *mremap(void *address, size_t old_size, size_t new_size, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    void *place = va_arg(rest, void *);
    va_end(rest);
    return refuses("mremap") ? MAP_FAILED : (void *)syscall(SYS_mremap, address, old_size, new_size, flags, place);
}

CALL int mprotect(void *address, size_t length, int protection)
{
    return refuses("mprotect") ? -1 : (int)syscall(SYS_mprotect, address, length, protection);
}

CALL int madvise(void *address, size_t length, int advice)
{
    return advice == MADV_POPULATE_WRITE && refuses("madvise")
        ? -1 : (int)syscall(SYS_madvise, address, length, advice);
}

CALL int ioctl(int descriptor, unsigned long request, ...)
{
    va_list rest;
    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    int is_userfault = (request >> 8 & 0xFF) == 0xAA;
    return is_userfault && refuses("ioctl") ? -1 : (int)syscall(SYS_ioctl, descriptor, request, argument);
}

CALL void *mmap(void *address, size_t length, int protection, int flags, int descriptor, off_t offset)
{
    return refuses("mmap")
        ? MAP_FAILED : (void *)syscall(SYS_mmap, address, length, protection, flags, descriptor, offset);
}

CALL void *mmap64(void *address, size_t length, int protection, int flags, int descriptor, off_t offset)
{
    return refuses("mmap")
        ? MAP_FAILED : (void *)syscall(SYS_mmap, address, length, protection, flags, descriptor, offset);
}
