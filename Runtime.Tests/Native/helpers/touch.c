#include <errno.h>
#include "helpers.h"

#ifdef _WIN32
#include <windows.h>
#else
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
