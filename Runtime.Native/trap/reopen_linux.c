/* Pages that are granted and yet fault. Under userfaultfd the system may take any page out of a mapping, as it does when
 * it swaps, and reports the next touch like the first one. Everyone above believes that a granted page does not fault,
 * and a lease even that managed code can touch it without waiting for anybody: so it is brought back right here. */
#include <errno.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include "internal.h"

/* As in Runtime.Native/Linux/GrantClaims.cs: two bits a page, which are its access, or all ones while it is changed. */
#define PAGES_PER_WORD 32
#define PAGES_PER_LEAF 16384
#define READ_WRITE 2ull
#define CLAIMED 3ull

#ifndef UFFDIO_CONTINUE_MODE_WP             /* not in headers before Linux 6.4 */
#define UFFDIO_CONTINUE_MODE_WP ((uint64_t)1 << 1)
#endif

static int show(int descriptor, uint64_t page, uint64_t access)
{
    uint64_t protect = access == READ_WRITE ? 0 : UFFDIO_CONTINUE_MODE_WP;
    struct uffdio_continue request = { .range = { page, 4096 }, .mode = UFFDIO_CONTINUE_MODE_DONTWAKE | protect };
    int result;
    do
        result = ioctl(descriptor, UFFDIO_CONTINUE, &request);
    while (result && errno == EAGAIN);
    if (result && errno == EEXIST) {        /* another thread was as quick; be sure that it may be written, too */
        struct uffdio_writeprotect open = { .range = { page, 4096 }, .mode = UFFDIO_WRITEPROTECT_MODE_DONTWAKE };
        result = protect ? 0 : ioctl(descriptor, UFFDIO_WRITEPROTECT, &open);
    }
    return !result;
}

/* Whether the instruction need only run again. A page that somebody is changing takes the ordinary way. */
int kt_reopen(const struct kt_fault *fault)
{
    int32_t descriptor;
    _Atomic uint64_t *_Atomic *leaves = kt_grants_of(fault->region, &descriptor);
    uint64_t page = fault->offset / 4096;
    _Atomic uint64_t *leaf = leaves ? atomic_load(&leaves[page / PAGES_PER_LEAF]) : 0;
    if (!leaf)
        return 0;
    _Atomic uint64_t *word = &leaf[page % PAGES_PER_LEAF / PAGES_PER_WORD];
    unsigned shift = page % PAGES_PER_WORD * 2;
    uint64_t before = atomic_load(word), access;
    do {
        access = before >> shift & CLAIMED;
        if (access == CLAIMED || access < (fault->access == KT_READ ? 1 : READ_WRITE))
            return 0;
    } while (!atomic_compare_exchange_weak(word, &before, before | CLAIMED << shift));
    int shown = show(descriptor, fault->address & KT_PAGE_MASK, access);
    atomic_fetch_and(word, ~((CLAIMED ^ access) << shift));
    return shown;
}
