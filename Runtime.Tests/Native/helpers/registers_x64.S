/* kh_state_across_touch(in, out, shift, vectors); offsets are those of struct kh_state. */

#define FLAGS 128
#define MXCSR 136
#define X87_CONTROL 140
#define X87 144
#define MASK 272
#define RED_ZONE 336
#define VECTOR 464

/* Above the shifted stack pointer. */
#define SLOT_OUT 0
#define SLOT_BLOCK 8
#define SLOT_RAX 16
#define SLOT_VECTORS 24

/* In the aligned block. */
#define SAVED_STACK 160
#define SAVED_MXCSR 168
#define SAVED_CONTROL 172

#define LOW_16 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
#define HIGH_16 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31

    .text
    .globl  kh_state_across_touch
    .p2align 4
kh_state_across_touch:
    push    %rbx
    push    %rbp
    push    %r12
    push    %r13
    push    %r14
    push    %r15
    push    %rdi
    push    %rsi
#ifdef _WIN32
    mov     %rcx, %rdi
    mov     %rdx, %rsi
    mov     %r8, %rdx
    mov     %r9, %rcx
#endif
    /* Here: rdi in, rsi out, rdx shift, rcx vectors. */
    mov     %rsp, %r10
    sub     $256, %rsp
    and     $-64, %rsp
    mov     %rsp, %r11
    mov     %r10, SAVED_STACK(%r11)
    stmxcsr SAVED_MXCSR(%r11)
    fnstcw  SAVED_CONTROL(%r11)
#ifdef _WIN32
    .irp n, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    movaps  %xmm\n, (\n - 6) * 16(%r11)
    .endr
#endif
    sub     $64, %rsp
    sub     %rdx, %rsp
    mov     %rsi, SLOT_OUT(%rsp)
    mov     %r11, SLOT_BLOCK(%rsp)
    mov     %rcx, SLOT_VECTORS(%rsp)

    /* Load. */
    fninit
    fldcw   X87_CONTROL(%rdi)
    .irp n, 7, 6, 5, 4, 3, 2, 1, 0
    fldt    X87 + \n * 16(%rdi)
    .endr
    ldmxcsr MXCSR(%rdi)
    cmp     $1, %rcx
    ja      2f
    je      1f
    .irp n, LOW_16
    movups  VECTOR + \n * 64(%rdi), %xmm\n
    .endr
    jmp     3f
1:
    .irp n, LOW_16
    vmovups VECTOR + \n * 64(%rdi), %ymm\n
    .endr
    jmp     3f
2:
    .irp n, LOW_16
    vmovups VECTOR + \n * 64(%rdi), %zmm\n
    .endr
    .irp n, HIGH_16
    vmovups VECTOR + \n * 64(%rdi), %zmm\n
    .endr
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7
    kmovq   MASK + \n * 8(%rdi), %k\n
    .endr
3:
    push    FLAGS(%rdi)
    popfq
    /* Only moves from here on: they leave the flags alone. */
    .irp n, LOW_16
    mov     RED_ZONE + \n * 8(%rdi), %rax
    mov     %rax, -128 + \n * 8(%rsp)
    .endr
    mov     0(%rdi), %rax
    mov     8(%rdi), %rcx
    mov     16(%rdi), %rdx
    mov     24(%rdi), %rbx
    mov     40(%rdi), %rbp
    mov     48(%rdi), %rsi
    .irp n, 8, 9, 10, 11, 12, 13, 14, 15
    mov     \n * 8(%rdi), %r\n
    .endr
    mov     56(%rdi), %rdi

    movb    $0x5a, (%rbx)

    /* Store. */
    mov     %rax, SLOT_RAX(%rsp)
    mov     SLOT_OUT(%rsp), %rax
    mov     %rcx, 8(%rax)
    mov     %rdx, 16(%rax)
    mov     %rbx, 24(%rax)
    mov     %rbp, 40(%rax)
    mov     %rsi, 48(%rax)
    mov     %rdi, 56(%rax)
    .irp n, 8, 9, 10, 11, 12, 13, 14, 15
    mov     %r\n, \n * 8(%rax)
    .endr
    mov     SLOT_RAX(%rsp), %rcx
    mov     %rcx, (%rax)
    .irp n, LOW_16
    mov     -128 + \n * 8(%rsp), %rcx
    mov     %rcx, RED_ZONE + \n * 8(%rax)
    .endr
    pushfq
    pop     FLAGS(%rax)
    cld
    stmxcsr MXCSR(%rax)
    fnstcw  X87_CONTROL(%rax)
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7
    fstpt   X87 + \n * 16(%rax)
    .endr
    mov     SLOT_VECTORS(%rsp), %rcx
    cmp     $1, %rcx
    ja      2f
    je      1f
    .irp n, LOW_16
    movups  %xmm\n, VECTOR + \n * 64(%rax)
    .endr
    jmp     3f
1:
    .irp n, LOW_16
    vmovups %ymm\n, VECTOR + \n * 64(%rax)
    .endr
    vzeroupper
    jmp     3f
2:
    .irp n, LOW_16
    vmovups %zmm\n, VECTOR + \n * 64(%rax)
    .endr
    .irp n, HIGH_16
    vmovups %zmm\n, VECTOR + \n * 64(%rax)
    .endr
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7
    kmovq   %k\n, MASK + \n * 8(%rax)
    .endr
    vzeroupper
3:
    mov     SLOT_BLOCK(%rsp), %r11
    fninit
    fldcw   SAVED_CONTROL(%r11)
    ldmxcsr SAVED_MXCSR(%r11)
#ifdef _WIN32
    .irp n, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    movaps  (\n - 6) * 16(%r11), %xmm\n
    .endr
#endif
    mov     SAVED_STACK(%r11), %rsp
    pop     %rsi
    pop     %rdi
    pop     %r15
    pop     %r14
    pop     %r13
    pop     %r12
    pop     %rbp
    pop     %rbx
    ret

#ifdef _WIN32
    .section .drectve, "yn"
    .ascii " -export:kh_state_across_touch"
#else
    .type kh_state_across_touch, @function
    .size kh_state_across_touch, . - kh_state_across_touch
    .section .note.GNU-stack, "", @progbits
#endif
