/* From the faulting instruction to an upcall and back, outside of any signal.
 *
 * The handler changed nothing but the instruction pointer, which now is kt_trampoline; every register and the stack
 * pointer are those of the interrupted code, at any alignment, with a red zone of 128 bytes below. */

    .text
    .globl  kt_trampoline
    .hidden kt_trampoline
    .type   kt_trampoline, @function
kt_trampoline:
    .cfi_startproc
    .cfi_signal_frame
    lea     -136(%rsp), %rsp            /* beyond the red zone; room for the return address. lea keeps the flags */
    .cfi_def_cfa_offset 136
    .cfi_offset %rip, -136
    pushfq
    cld
    push    %rax
    push    %rcx
    push    %rdx
    push    %rbx
    push    %rsi
    push    %rdi
    push    %rbp
    push    %r8
    push    %r9
    push    %r10
    push    %r11
    push    %r12
    push    %r13
    push    %r14
    push    %r15
    mov     %rsp, %rbp                  /* struct frame of trap_linux.c */
    .cfi_def_cfa %rbp, 264
    .cfi_offset %rbx, -176
    .cfi_offset %rbp, -200
    .cfi_offset %r12, -240
    .cfi_offset %r13, -248
    .cfi_offset %r14, -256
    .cfi_offset %r15, -264

    /* Room for the vector state, touched page by page: a guard page must be met, not jumped over. */
    mov     kt_xsave_bytes(%rip), %rcx
1:  cmp     $4096, %rcx
    jb      2f
    sub     $4096, %rsp
    orq     $0, (%rsp)
    sub     $4096, %rcx
    jmp     1b
2:  sub     %rcx, %rsp
    and     $-64, %rsp
    orq     $0, (%rsp)

    /* The header must be zero where xsave does not write it. */
    xor     %eax, %eax
    lea     512(%rsp), %rdi
    mov     $8, %ecx
    rep stosq
    mov     kt_xsave_mask(%rip), %eax
    mov     kt_xsave_mask + 4(%rip), %edx
    cmpl    $0, kt_xsave_compact(%rip)
    je      3f
    xsavec  (%rsp)
    jmp     4f
3:  xsave   (%rsp)
4:  fninit
    ldmxcsr kt_default_mxcsr(%rip)
    mov     %rbp, %rdi
    call    kt_serve_frame

    mov     kt_xsave_mask(%rip), %eax
    mov     kt_xsave_mask + 4(%rip), %edx
    xrstor  (%rsp)
    mov     %rbp, %rsp
    .cfi_def_cfa %rsp, 264
    pop     %r15
    pop     %r14
    pop     %r13
    pop     %r12
    pop     %r11
    pop     %r10
    pop     %r9
    pop     %r8
    pop     %rbp
    pop     %rdi
    pop     %rsi
    pop     %rbx
    pop     %rdx
    pop     %rcx
    pop     %rax
    popfq
    .cfi_def_cfa_offset 136
    ret     $128                        /* one instruction: nothing of ours is left where a signal could land on it */
    .cfi_endproc
    .size   kt_trampoline, . - kt_trampoline

    .section .rodata
    .p2align 2
kt_default_mxcsr:
    .long   0x1f80

    .section .note.GNU-stack, "", @progbits
