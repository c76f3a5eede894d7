#include <cpuid.h>
#include "helpers.h"

#define XMM_AND_YMM 0x06u
#define MASKS_AND_ZMM 0xe0u

int32_t kh_vectors(void)
{
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE) || !(c & bit_AVX))
        return KH_SSE;
    unsigned enabled, high;
    __asm__("xgetbv" : "=a"(enabled), "=d"(high) : "c"(0));
    if ((enabled & XMM_AND_YMM) != XMM_AND_YMM)
        return KH_SSE;
    int wide = __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_AVX512F) && (b & bit_AVX512BW);
    return wide && (enabled & MASKS_AND_ZMM) == MASKS_AND_ZMM ? KH_AVX512 : KH_AVX;
}
