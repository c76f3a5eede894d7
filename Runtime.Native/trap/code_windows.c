/* Whose an instruction is. Asked in a handler: no locks of this process, no allocation.
 *
 * The system itself is asked, not a table of modules that we publish: VirtualQuery and the headers of the image tell
 * all, a table would be wrong between a load and its notice, and the call, which the accessors' faults do without,
 * costs little beside the fault. */
#include <windows.h>
#include "internal.h"

#define EXECUTABLE (PAGE_EXECUTE | PAGE_EXECUTE_READ | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY)

static const void *s_runtime[2];            /* the runtime and its compiler */

void kt_find_runtime(void)
{
    s_runtime[0] = GetModuleHandleA("coreclr.dll");
    s_runtime[1] = GetModuleHandleA("clrjit.dll");
    if (!s_runtime[0])                      /* a single-file program has the runtime inside */
        s_runtime[0] = GetModuleHandleA(0);
}

/* An image of managed code has a descriptor of COM+ that says so: nothing but IL, or compiled ahead of time. One with
 * native code of its own (C++/CLI) says neither, and is native to us: a rescue in native frames would kill. */
static int is_il_image(const char *image)
{
    const IMAGE_DOS_HEADER *dos = (const IMAGE_DOS_HEADER *)image;
    const IMAGE_NT_HEADERS64 *headers = (const IMAGE_NT_HEADERS64 *)(image + dos->e_lfanew);
    if (headers->OptionalHeader.NumberOfRvaAndSizes <= IMAGE_DIRECTORY_ENTRY_COM_DESCRIPTOR)
        return 0;
    const IMAGE_DATA_DIRECTORY *entry = &headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_COM_DESCRIPTOR];
    if (!entry->Size)
        return 0;
    const IMAGE_COR20_HEADER *managed = (const IMAGE_COR20_HEADER *)(image + entry->VirtualAddress);
    return managed->Flags & COMIMAGE_FLAGS_ILONLY || managed->ManagedNativeHeader.Size;
}

/* Executable memory that is no image is managed: a code heap, or an image unpacked from a single-file program. */
static enum kt_code look_up(uint64_t instruction, int *is_managed)
{
    MEMORY_BASIC_INFORMATION memory;
    *is_managed = 0;
    if (!VirtualQuery((const void *)instruction, &memory, sizeof memory))
        return KT_CODE_OTHER;
    if (memory.Type != MEM_IMAGE) {
        *is_managed = memory.State == MEM_COMMIT && memory.Protect & EXECUTABLE;
        return KT_CODE_OTHER;
    }
    if (memory.AllocationBase == s_runtime[0] || memory.AllocationBase == s_runtime[1])
        return KT_CODE_RUNTIME;
    *is_managed = is_il_image(memory.AllocationBase);
    return *is_managed ? KT_CODE_OTHER : KT_CODE_NATIVE;
}

enum kt_code kt_code_of(uint64_t instruction)
{
    int is_managed;
    return look_up(instruction, &is_managed);
}

int kt_is_managed(uint64_t instruction)
{
    int is_managed;
    look_up(instruction, &is_managed);
    return is_managed;
}
