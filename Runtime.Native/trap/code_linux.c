/* Whose an instruction is. Asked in a handler: no locks, no allocation. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <unistd.h>
#include "internal.h"

/* Since glibc 2.35; where it is missing the list of mappings answers, more slowly. */
extern int _dl_find_object(void *address, struct dl_find_object *result) __attribute__((weak));

#define RUNTIME_OBJECTS 4
static uint64_t s_runtime[RUNTIME_OBJECTS][2];
static int s_runtime_count;
static char s_program[512];                 /* path of the executable */
static int s_maps = -1;                     /* the list of mappings, for when no descriptor is to be had */
static int s_heaps_are_anonymous;           /* the runtime's code heaps: only where write-xor-execute is off */

static int ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static int note_runtime(struct dl_phdr_info *object, size_t size, void *wants_program)
{
    (void)size;
    int is_program = object->dlpi_name[0] == 0;
    int is_runtime = ends_with(object->dlpi_name, "/libcoreclr.so") || ends_with(object->dlpi_name, "/libclrjit.so");
    if ((wants_program ? !is_program : !is_runtime) || s_runtime_count == RUNTIME_OBJECTS)
        return 0;
    uint64_t low = UINT64_MAX, high = 0;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        if (part->p_type != PT_LOAD)
            continue;
        uint64_t start = object->dlpi_addr + part->p_vaddr;
        low = start < low ? start : low;
        high = start + part->p_memsz > high ? start + part->p_memsz : high;
    }
    s_runtime[s_runtime_count][0] = low;
    s_runtime[s_runtime_count++][1] = high;
    return 0;
}

struct mapping {
    char path[512];                         /* cut at the front if longer: the end tells */
    int executable;
};

static const char s_deleted[] = " (deleted)"; /* a file that was replaced under the running program */

/* Finds the line of /proc/self/maps that holds an address. */
static int find_mapping(uint64_t address, struct mapping *mapping)
{
    char buffer[1024];
    int opened = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    int file = opened >= 0 ? opened : s_maps;
    off_t at = 0;
    enum { LOW, HIGH, RIGHTS, REST, PATH } part = LOW;
    uint64_t low = 0, high = 0;
    int column = 0, spaces = 0, found = 0;
    size_t length = 0;
    ssize_t got;
    while (!found && (got = pread(file, buffer, sizeof buffer, at)) > 0) {
        at += got;
        for (ssize_t i = 0; i < got; i++) {
            char c = buffer[i];
            int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
            if (c == '\n') {
                if (address >= low && address < high) {
                    found = 1;
                    break;
                }
                part = LOW;
                low = high = 0;
                column = spaces = 0;
                length = 0;
                mapping->executable = 0;
            } else if (part == LOW) {
                if (digit < 0)
                    part = HIGH;
                else
                    low = low << 4 | (unsigned)digit;
            } else if (part == HIGH) {
                if (digit < 0)
                    part = RIGHTS;
                else
                    high = high << 4 | (unsigned)digit;
            } else if (part == RIGHTS) {
                if (column++ == 2)
                    mapping->executable = c == 'x';
                if (c == ' ')
                    part = REST;
            } else if (part == REST) {      /* offset, device, inode, then spaces up to the path */
                if (c == ' ')
                    spaces++;
                else if (spaces >= 3)
                    part = PATH;
            }
            if (part == PATH) {
                if (length == sizeof mapping->path - 1) {
                    length /= 2;
                    memmove(mapping->path, mapping->path + sizeof mapping->path - 1 - length, length);
                }
                mapping->path[length++] = c;
            }
        }
    }
    if (opened >= 0)
        close(opened);
    mapping->path[length] = 0;
    if (ends_with(mapping->path, s_deleted))
        mapping->path[length - (sizeof s_deleted - 1)] = 0;
    return found;
}

static int is_runtime(uint64_t instruction)
{
    for (int i = 0; i < s_runtime_count; i++)
        if (instruction >= s_runtime[i][0] && instruction < s_runtime[i][1])
            return 1;
    return 0;
}

static int is_code_heap(const struct mapping *mapping)
{
    return strncmp(mapping->path, "/memfd:doublemapper", 19) == 0;
}

/* Managed code: the runtime's code heaps (a memory file of that name, or anonymous where write-xor-execute is off) and
 * compiled code in IL images, which are no ELF objects; in a single-file program they are parts of the executable. */
static int is_managed_mapping(const struct mapping *mapping)
{
    return mapping->executable
        && ((s_heaps_are_anonymous && mapping->path[0] == 0) || is_code_heap(mapping)
            || ends_with(mapping->path, ".dll") || ends_with(mapping->path, ".exe")
            || strcmp(mapping->path, s_program) == 0);
}

void kt_find_runtime(void)
{
    ssize_t length = readlink("/proc/self/exe", s_program, sizeof s_program - 1);
    s_program[length > 0 ? length : 0] = 0;
    dl_iterate_phdr(note_runtime, 0);
    if (!s_runtime_count)                   /* a single-file program has the runtime inside */
        dl_iterate_phdr(note_runtime, &s_runtime_count);
    s_maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    struct mapping heap = { .executable = 0 };
    s_heaps_are_anonymous = !(find_mapping((uint64_t)kt_settings.upcall, &heap) && is_code_heap(&heap));
}

enum kt_code kt_code_of(uint64_t instruction)
{
    if (is_runtime(instruction))
        return KT_CODE_RUNTIME;
    if (_dl_find_object) {
        struct dl_find_object object;
        return _dl_find_object((void *)instruction, &object) == 0 ? KT_CODE_NATIVE : KT_CODE_OTHER;
    }
    struct mapping mapping = { .executable = 0 };
    return find_mapping(instruction, &mapping) && !is_managed_mapping(&mapping) ? KT_CODE_NATIVE : KT_CODE_OTHER;
}

int kt_is_managed(uint64_t instruction)
{
    struct mapping mapping = { .executable = 0 };
    return find_mapping(instruction, &mapping) && is_managed_mapping(&mapping);
}
