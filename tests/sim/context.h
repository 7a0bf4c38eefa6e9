/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stacks and how one is left for another: nothing here knows who runs next. Each stack has a page below it that cannot be touched, so that
 * one that overflows ends the program instead of writing into its neighbour; stacks are used again. AddressSanitizer and ThreadSanitizer
 * are told of every switch.
 */
#ifndef PAIL_TESTS_SIM_CONTEXT_H
#define PAIL_TESTS_SIM_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>

enum { SIM_STACK_BYTES = 256 * 1024 };

struct sim_stack;

struct sim_context {
        void *stack_pointer; /* while it does not run */
        struct sim_stack *stack;
        void *fake_stack; /* AddressSanitizer's */
        const void *bottom;
        size_t size_bytes;
        void *tsan_fibre;
};

/* The context that calls: the program's own stack. */
void sim_context_adopt(struct sim_context *context);
/* A context that will begin in entry, which must not return. */
void sim_context_make(struct sim_context *context, void (*entry)(void));
/* What entry calls first; from is the context that was left for it, whose place the sanitizer tells on this occasion. */
void sim_context_arrive(struct sim_context *from);
/* Returns when somebody switches back; never when from_ends, whose stack must have been given back by sim_context_done(). */
void sim_context_switch(struct sim_context *from, struct sim_context *to, bool from_ends);
/* Gives the stack back, to be used again after the next switch: so a context may do this to itself as the last but one thing. */
void sim_context_done(struct sim_context *context);

#endif
