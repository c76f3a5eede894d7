/* GNU libsigsegv as its documentation means it to be used: a dispatcher that knows every area. */
#include <sigsegv.h>

#include "peer.h"
#include "touch.h"

const char peer_name[] = "libsigsegv";

static sigsegv_dispatcher s_dispatcher;

static int on_area_fault(void *address, void *area)
{
    (void)area;
    open_page(address);
    return 1;
}

static int on_fault(void *address, int serious)
{
    (void)serious;
    return sigsegv_dispatch(&s_dispatcher, address);
}

void peer_install(const struct area *areas, size_t count)
{
    sigsegv_init(&s_dispatcher);
    for (size_t i = 0; i < count; i++) {
        sigsegv_register(&s_dispatcher, areas[i].base, areas[i].pages * PAGE_BYTES, on_area_fault, (void *)&areas[i]);
    }
    if (sigsegv_install_handler(on_fault) != 0) {
        fail("sigsegv_install_handler");
    }
}
