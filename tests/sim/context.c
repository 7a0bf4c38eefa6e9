/* SPDX-License-Identifier: Apache-2.0 */
/*
 * On x86-64 a switch is a dozen instructions: swapcontext(3) makes a system call each time, for a signal mask that is the same everywhere,
 * and is a hundred times slower. Elsewhere, and with SIM_UCONTEXT defined, it is used all the same.
 */
#include "context.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#if !defined(__x86_64__) && !defined(SIM_UCONTEXT)
#define SIM_UCONTEXT
#endif

#if defined(__SANITIZE_ADDRESS__)
#define SIM_ASAN
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SIM_ASAN
#endif
#endif
#ifdef SIM_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef __SANITIZE_THREAD__
#define SIM_TSAN
#endif
#ifdef SIM_TSAN
#include <sanitizer/tsan_interface.h>
#endif

struct sim_stack {
        struct sim_stack *next;
        char *memory; /* behind the guard */
#ifdef SIM_TSAN
        void *tsan_fibre; /* used again with the stack: there are not many of them */
#endif
#ifdef SIM_UCONTEXT
        ucontext_t context;
#endif
};

static struct sim_stack *spare;

static _Noreturn void die(const char *what)
{
        perror(what);
        _exit(2);
}

static struct sim_stack *new_stack(void)
{
        size_t guard = (size_t)sysconf(_SC_PAGESIZE);
        struct sim_stack *stack = calloc(1, sizeof(*stack));
        char *memory = mmap(NULL, guard + SIM_STACK_BYTES, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (!stack || memory == MAP_FAILED || mprotect(memory, guard, PROT_NONE))
                die("a stack for a fibre");
        stack->memory = memory + guard;
        return stack;
}

static struct sim_stack *take_stack(void)
{
        struct sim_stack *stack = spare;
        if (!stack)
                return new_stack();
        spare = stack->next;
#ifdef SIM_ASAN
        /* A fibre that was given up in the middle left the marks of its frames. */
        __asan_unpoison_memory_region(stack->memory, SIM_STACK_BYTES);
#endif
        return stack;
}

void sim_context_adopt(struct sim_context *context)
{
        *context = (struct sim_context){ 0 };
#ifdef SIM_UCONTEXT
        static struct sim_stack own;
        context->stack = &own;
#endif
#ifdef SIM_TSAN
        context->tsan_fibre = __tsan_get_current_fiber();
#endif
}

#ifdef SIM_UCONTEXT

static void begin(struct sim_context *context, void (*entry)(void))
{
        ucontext_t *own = &context->stack->context;
        if (getcontext(own))
                die("getcontext");
        own->uc_stack.ss_sp = context->stack->memory;
        own->uc_stack.ss_size = SIM_STACK_BYTES;
        own->uc_link = NULL;
        makecontext(own, entry, 0);
}

static void change_stack(struct sim_context *from, struct sim_context *to)
{
        if (swapcontext(&from->stack->context, &to->stack->context))
                die("swapcontext");
}

#else

/* What a function must keep for its caller (System V ABI, AMD64) goes on the old stack and comes from the new one. */
void sim_change_stack(void **ret_old, void *new_stack_pointer);
__asm__(".text\n"
        ".globl sim_change_stack\n"
        ".type sim_change_stack, @function\n"
        "sim_change_stack:\n"
        "endbr64\n"
        "pushq %rbp\n"
        "pushq %rbx\n"
        "pushq %r12\n"
        "pushq %r13\n"
        "pushq %r14\n"
        "pushq %r15\n"
        "movq %rsp, (%rdi)\n"
        "movq %rsi, %rsp\n"
        "popq %r15\n"
        "popq %r14\n"
        "popq %r13\n"
        "popq %r12\n"
        "popq %rbx\n"
        "popq %rbp\n"
        "ret\n"
        ".size sim_change_stack, . - sim_change_stack\n"
        ".section .note.GNU-stack, \"\", @progbits\n"
        ".text\n");

enum { KEPT_REGISTERS = 6 };

/*
 * As if entry had been called, by nobody (a return address of 0 is where a backtrace ends), and had switched away at once. Where a function
 * begins, the stack is 8 bytes off a multiple of 16.
 */
static void begin(struct sim_context *context, void (*entry)(void))
{
        uintptr_t *top = (uintptr_t *)(void *)(context->stack->memory + SIM_STACK_BYTES);
        top -= 2;
        *--top = 0;
        *--top = (uintptr_t)entry;
        for (unsigned i = 0; i < KEPT_REGISTERS; i++)
                *--top = 0;
        context->stack_pointer = top;
}

static void change_stack(struct sim_context *from, struct sim_context *to)
{
        sim_change_stack(&from->stack_pointer, to->stack_pointer);
}

#endif

void sim_context_make(struct sim_context *context, void (*entry)(void))
{
        *context = (struct sim_context){ .stack = take_stack(), .size_bytes = SIM_STACK_BYTES };
        context->bottom = context->stack->memory;
#ifdef SIM_TSAN
        if (!context->stack->tsan_fibre)
                context->stack->tsan_fibre = __tsan_create_fiber(0);
        context->tsan_fibre = context->stack->tsan_fibre;
#endif
        begin(context, entry);
}

void sim_context_arrive(struct sim_context *from)
{
#ifdef SIM_ASAN
        __sanitizer_finish_switch_fiber(NULL, &from->bottom, &from->size_bytes);
#else
        (void)from;
#endif
}

void sim_context_switch(struct sim_context *from, struct sim_context *to, bool from_ends)
{
#ifdef SIM_ASAN
        const void *bottom;
        size_t size_bytes;
        __sanitizer_start_switch_fiber(from_ends ? NULL : &from->fake_stack, to->bottom, to->size_bytes);
#else
        (void)from_ends;
#endif
#ifdef SIM_TSAN
        __tsan_switch_to_fiber(to->tsan_fibre, 0);
#endif
        change_stack(from, to);
#ifdef SIM_ASAN
        __sanitizer_finish_switch_fiber(from->fake_stack, &bottom, &size_bytes);
#endif
}

void sim_context_done(struct sim_context *context)
{
        if (!context->stack || !context->stack->memory)
                return;
        context->stack->next = spare;
        spare = context->stack;
        context->stack = NULL;
}
