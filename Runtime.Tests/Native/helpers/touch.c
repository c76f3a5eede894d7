#include <errno.h>
#include "helpers.h"

#ifdef _WIN32
#include <windows.h>
#else
#include <pthread.h>
#include <sys/mman.h>
#endif

uint8_t kh_read(const uint8_t *address)
{
    return *(volatile const uint8_t *)address;
}

void kh_write(uint8_t *address, uint8_t value)
{
    *(volatile uint8_t *)address = value;
}

void kh_execute(const void *address)
{
    ((void (*)(void))address)();
}

uint8_t kh_read_by_code_of_no_module(const uint8_t *address)
{
#ifdef _WIN32
    static const uint8_t code[] = { 0x8a, 0x01, 0xc3 };     /* mov (%rcx), %al; ret */
    uint8_t *page = VirtualAlloc(0, sizeof code, MEM_RESERVE | MEM_COMMIT, PAGE_EXECUTE_READWRITE);
#else
    static const uint8_t code[] = { 0x8a, 0x07, 0xc3 };     /* mov (%rdi), %al; ret */
    uint8_t *page = mmap(0, sizeof code, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
#endif
    for (unsigned i = 0; i < sizeof code; i++)
        page[i] = code[i];
    return ((uint8_t (*)(const uint8_t *))page)(address);
}

void kh_call(void (*callback)(void))
{
    callback();
}

int32_t kh_error_after_touch(const uint8_t *address, int32_t error)
{
#ifdef _WIN32
    SetLastError((DWORD)error);
    (void)*(volatile const uint8_t *)address;
    return (int32_t)GetLastError();
#else
    errno = error;
    (void)*(volatile const uint8_t *)address;
    return errno;
#endif
}

#ifdef _WIN32
static SRWLOCK s_lock = SRWLOCK_INIT;

static void lock(void) { AcquireSRWLockExclusive(&s_lock); }
static int try_lock(void) { return TryAcquireSRWLockExclusive(&s_lock); }
static void unlock(void) { ReleaseSRWLockExclusive(&s_lock); }
#else
static pthread_mutex_t s_lock = PTHREAD_MUTEX_INITIALIZER;

static void lock(void) { pthread_mutex_lock(&s_lock); }
static int try_lock(void) { return pthread_mutex_trylock(&s_lock) == 0; }
static void unlock(void) { pthread_mutex_unlock(&s_lock); }
#endif

uint8_t kh_read_under_lock(const uint8_t *address)
{
    lock();
    uint8_t value = *(volatile const uint8_t *)address;
    unlock();
    return value;
}

int32_t kh_is_locked(void)
{
    if (!try_lock())
        return 1;
    unlock();
    return 0;
}

void kh_environment(struct kh_environment *environment)
{
    uint16_t x87[14];
    __asm__ volatile("fnstenv %0\n\tfldenv %0" : "+m"(x87));
    __asm__ volatile("stmxcsr %0" : "=m"(environment->mxcsr));
    environment->flags = __builtin_ia32_readeflags_u64();
    environment->x87_control = x87[0];
    environment->x87_tags = x87[4];
}
