/* The accessors: the only instructions that touch a window on behalf of managed code.
 *
 * Leaf routines without stack use, so that a fault can be undone in registers alone. In each of them, when it faults,
 *   r8   is the window address that a plain load or store uses,
 *   rcx  is what is left to do for a string instruction,
 *   r11d is the status to return.
 * The fix-up of a fault that failed sets r8 to scratch memory, rcx to 0 and r11d to the status, and lets the
 * instruction run again: it then completes without touching the window. The instruction pointer is never changed, which
 * keeps the way back sound under shadow stacks. C would not do: compilers turn such loops into calls of memcpy. */

#ifdef _WIN32
#define ARG1 %rcx
#define ARG2 %rdx
#define ARG2B %dl
#define ARG2W %dx
#define ARG2D %edx
#define ARG3 %r8
#define VISIBILITY(name) .section .drectve, "yn"; .ascii " -export:", #name; .text
#define TYPE(name)
#else
#define ARG1 %rdi
#define ARG2 %rsi
#define ARG2B %sil
#define ARG2W %si
#define ARG2D %esi
#define ARG3 %rdx
#define VISIBILITY(name) .protected name
#define TYPE(name) .type name, @function
#endif

.macro ROUTINE name
    .globl \name
    VISIBILITY(\name)
    TYPE(\name)
    .p2align 4
\name:
.endm

.macro STORE name, value
ROUTINE \name
    mov     ARG1, %r8
    xor     %r11d, %r11d
    mov     \value, (%r8)
    mov     %r11d, %eax
    ret
.endm

    .text
    .globl  kt_accessors_begin
    .globl  kt_accessors_end
#ifndef _WIN32
    .hidden kt_accessors_begin
    .hidden kt_accessors_end
#endif
kt_accessors_begin:

ROUTINE kt_load8
    mov     ARG1, %r8
    xor     %r11d, %r11d
    movzbl  (%r8), %r9d
    mov     %r9b, (ARG2)
    mov     %r11d, %eax
    ret

ROUTINE kt_load16
    mov     ARG1, %r8
    xor     %r11d, %r11d
    movzwl  (%r8), %r9d
    mov     %r9w, (ARG2)
    mov     %r11d, %eax
    ret

ROUTINE kt_load32
    mov     ARG1, %r8
    xor     %r11d, %r11d
    mov     (%r8), %r9d
    mov     %r9d, (ARG2)
    mov     %r11d, %eax
    ret

ROUTINE kt_load64
    mov     ARG1, %r8
    xor     %r11d, %r11d
    mov     (%r8), %r9
    mov     %r9, (ARG2)
    mov     %r11d, %eax
    ret

    STORE   kt_store8, ARG2B
    STORE   kt_store16, ARG2W
    STORE   kt_store32, ARG2D
    STORE   kt_store64, ARG2

/* kt_exchange64(destination, value, comparand, previous): stores value where comparand stands. */
ROUTINE kt_exchange64
    mov     ARG3, %rax
#ifdef _WIN32
    mov     %rcx, %r8
#else
    mov     %rdi, %r8
    mov     %rcx, %r9
#endif
    xor     %r11d, %r11d
    lock cmpxchg ARG2, (%r8)
    mov     %rax, (%r9)
    mov     %r11d, %eax
    ret

/* kt_copy(destination, source, count): either side may be a window. */
ROUTINE kt_copy
    xor     %r11d, %r11d
#ifdef _WIN32
    mov     %rdi, %r9
    mov     %rsi, %r10
    mov     %rcx, %rdi
    mov     %rdx, %rsi
    mov     %r8, %rcx
    rep movsb
    mov     %r9, %rdi
    mov     %r10, %rsi
#else
    mov     %rdx, %rcx
    rep movsb
#endif
    mov     %r11d, %eax
    ret

/* kt_fill(destination, value, count) */
ROUTINE kt_fill
    xor     %r11d, %r11d
#ifdef _WIN32
    mov     %rdi, %r9
    mov     %rcx, %rdi
    mov     %r8, %rcx
    mov     %edx, %eax
    rep stosb
    mov     %r9, %rdi
#else
    mov     %rdx, %rcx
    mov     %esi, %eax
    rep stosb
#endif
    mov     %r11d, %eax
    ret

kt_accessors_end:
    nop

#ifndef _WIN32
    .section .note.GNU-stack, "", @progbits
#endif
