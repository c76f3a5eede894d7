/* Regions, statistics, and the part of a fault's way that is the same on every system. */
#include <string.h>
#include "internal.h"

/* Which region a unit of address space belongs to. Sparse: pages of these tables exist where they were touched. */
static _Atomic uint32_t s_units[1u << (KT_ADDRESS_BITS - KT_UNIT_SHIFT)];
static struct {
    uint64_t base;
    char name[KT_NAME_BYTES];
    void *_Atomic grants;
    int32_t descriptor;
} s_regions[KT_REGIONS];

/* Striped by thread: one counter for all would bounce between cores at every fault. A stripe fills its cache lines. */
#define STRIPES 16
static struct { _Alignas(64) struct kt_statistics counters; } s_stripes[STRIPES];
static _Atomic uint32_t s_next_stripe;

struct kt_settings kt_settings;
_Alignas(64) unsigned char kt_scratch[64];

void kt_region_open(uint32_t region, uint64_t base, uint64_t length, const char *name)
{
    s_regions[region].base = base;
    strncpy(s_regions[region].name, name, KT_NAME_BYTES - 1);
    for (uint64_t unit = base >> KT_UNIT_SHIFT; unit < (base + length) >> KT_UNIT_SHIFT; unit++)
        atomic_store_explicit(&s_units[unit], region, memory_order_release);
}

void kt_region_close(uint32_t region, uint64_t base, uint64_t length)
{
    for (uint64_t unit = base >> KT_UNIT_SHIFT; unit < (base + length) >> KT_UNIT_SHIFT; unit++)
        atomic_store_explicit(&s_units[unit], 0, memory_order_release);
    memset(s_regions[region].name, 0, KT_NAME_BYTES);
    atomic_store(&s_regions[region].grants, 0);
}

void kt_region_grants(uint32_t region, void *leaves, int32_t descriptor)
{
    s_regions[region].descriptor = descriptor;
    atomic_store(&s_regions[region].grants, leaves);
}

void *kt_grants_of(uint32_t region, int32_t *descriptor)
{
    void *leaves = atomic_load_explicit(&s_regions[region].grants, memory_order_acquire);
    *descriptor = s_regions[region].descriptor;
    return leaves;
}

int kt_is_ours(uint64_t address, struct kt_fault *fault)
{
    if (address >> KT_ADDRESS_BITS)
        return 0;
    uint32_t region = atomic_load_explicit(&s_units[address >> KT_UNIT_SHIFT], memory_order_acquire);
    if (!region)
        return 0;
    fault->address = address;
    fault->offset = address - s_regions[region].base;
    fault->region = region;
    fault->outcome = 0;
    return 1;
}

struct kt_statistics *kt_counters(struct kt_thread *self)
{
    if (!self->stripe)
        self->stripe = 1 + atomic_fetch_add_explicit(&s_next_stripe, 1, memory_order_relaxed) % STRIPES;
    return &s_stripes[self->stripe - 1].counters;
}

void kt_count(struct kt_thread *self, int64_t *counter)
{
    (void)self;
    __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

void kt_read_statistics(struct kt_statistics *statistics)
{
    int64_t *sum = (int64_t *)statistics;
    memset(statistics, 0, sizeof *statistics);
    for (int stripe = 0; stripe < STRIPES; stripe++) {
        int64_t *part = (int64_t *)&s_stripes[stripe].counters;
        for (unsigned i = 0; i < sizeof *statistics / sizeof *sum; i++)
            sum[i] += __atomic_load_n(&part[i], __ATOMIC_RELAXED);
    }
}

int32_t kt_fail(struct kt_thread *self, struct kt_fault *fault, int32_t status)
{
    kt_count(self, &kt_counters(self)->failed[fault->way]);
    fault->outcome = status;
    self->last = *fault;
    return status;
}

int32_t kt_serve_here(struct kt_thread *self, struct kt_fault *fault)
{
    fault->parent = self->serving;
    fault->serving = &self->serving;
    int32_t outcome = kt_stack_left(self) < KT_STACK_NEEDED ? KT_HAND_OVER : kt_settings.upcall(fault);
    if (outcome == KT_HAND_OVER) {
        kt_count(self, &kt_counters(self)->handed_over);
        outcome = kt_post_and_wait(self, fault);
    } else {
        kt_count(self, &kt_counters(self)->faults[fault->way]);
    }
    return outcome ? kt_fail(self, fault, outcome) : 0;
}

int32_t kt_mark_native(int32_t mark)
{
    struct kt_thread *self = kt_self();
    int32_t before = (int32_t)self->native_section;
    self->native_section = (uint32_t)mark;
    return before;
}

uint64_t kt_exchange_serving(uint64_t serving)
{
    struct kt_thread *self = kt_self();
    uint64_t before = self->serving;
    self->serving = serving;
    return before;
}

int32_t kt_last_fault(struct kt_fault *fault)
{
    *fault = kt_self()->last;
    return fault->region != 0;
}

void kt_set_deadline(int32_t milliseconds)
{
    kt_settings.deadline_ms = milliseconds;
}

static char *put(char *at, const char *end, const char *text)
{
    while (*text && at < end)
        *at++ = *text++;
    return at;
}

static char *put_number(char *at, const char *end, uint64_t number)
{
    char digits[24];
    char *first = digits + sizeof digits;
    *--first = 0;
    do {
        *--first = (char)('0' + number % 10);
    } while (number /= 10);
    return put(at, end, first);
}

/* No stdio: this is called in a handler. */
int kt_crash_line(const struct kt_fault *fault, char *line, int size)
{
    static const char *const accesses[] = { "read", "write", "execution" };
    const char *end = line + size;
    char *at = put(line, end, "katydid: ");
    at = put(at, end, accesses[fault->access % 3]);
    at = put(at, end, " of container '");
    at = put(at, end, s_regions[fault->region].name);
    at = put(at, end, "' at offset ");
    at = put_number(at, end, fault->offset);
    at = put(at, end, " by native code failed with status ");
    at = put_number(at, end, (uint64_t)fault->outcome);
    at = put(at, end, "; native code cannot be told, the process ends\n");
    return (int)(at - line);
}
