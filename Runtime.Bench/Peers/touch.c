#include "touch.h"

void touch_pages(char *first, size_t count, size_t stride)
{
    for (size_t page = 0; page < count; page++) {
        /* volatile: the store is the whole point, and must stay one store per page. */
        *(volatile char *)(first + page * stride * PAGE_BYTES) = 1;
    }
}
