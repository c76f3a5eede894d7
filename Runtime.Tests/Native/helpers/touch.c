#include <errno.h>
#include "helpers.h"

#ifdef _WIN32
#include <windows.h>
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
