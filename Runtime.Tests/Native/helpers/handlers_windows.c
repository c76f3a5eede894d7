#include <windows.h>
#include "helpers.h"

#define PAGE 4096

static struct library {
    uint8_t *page;
    int64_t mended, passed;
    int32_t ends_with;
} s_libraries[2];

static LONG handle(struct library *library, EXCEPTION_POINTERS *pointers)
{
    EXCEPTION_RECORD *record = pointers->ExceptionRecord;
    if (record->ExceptionCode != EXCEPTION_ACCESS_VIOLATION)
        return EXCEPTION_CONTINUE_SEARCH;
    uint8_t *address = (uint8_t *)record->ExceptionInformation[1];
    if (address >= library->page && address < library->page + PAGE) {
        DWORD before;
        library->mended++;
        VirtualProtect(library->page, PAGE, PAGE_READWRITE, &before);
        return EXCEPTION_CONTINUE_EXECUTION;
    }
    library->passed++;
    if (library->ends_with)
        TerminateProcess(GetCurrentProcess(), (UINT)library->ends_with);
    return EXCEPTION_CONTINUE_SEARCH;
}

static LONG CALLBACK handle_0(EXCEPTION_POINTERS *pointers)
{
    return handle(&s_libraries[0], pointers);
}

static LONG CALLBACK handle_1(EXCEPTION_POINTERS *pointers)
{
    return handle(&s_libraries[1], pointers);
}

/* First in the row, as a library does that wants to see its faults: whoever comes later stands before it. */
int32_t kh_handler_install(int32_t number)
{
    struct library *library = &s_libraries[number];
    library->page = VirtualAlloc(0, PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_NOACCESS);
    if (!library->page)
        return -1;
    return AddVectoredExceptionHandler(1, number ? handle_1 : handle_0) ? 0 : -1;
}

uint8_t *kh_handler_page(int32_t number)
{
    return s_libraries[number].page;
}

int64_t kh_handler_mended(int32_t number)
{
    return s_libraries[number].mended;
}

int64_t kh_handler_passed(int32_t number)
{
    return s_libraries[number].passed;
}

void kh_handler_end_with(int32_t number, int32_t code)
{
    s_libraries[number].ends_with = code;
}
