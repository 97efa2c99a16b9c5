/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The stack of a thread, got before the thread is started, so that memory for it cannot be missing
 * then. */
#ifndef GAPWATCH_SESSION_STACK_H
#define GAPWATCH_SESSION_STACK_H

#include <pthread.h>
#include <stddef.h>

struct stack {
    void *base; /* the lowest address; NULL: none */
    size_t bytes;
};

/* Gets memory for STACK, as much as a new thread has by default. Its lowest page cannot be used, so
 * that an overflow ends the program. Returns 0, or -1: no memory, and STACK is empty. */
int stack_make(struct stack *stack);

/* Frees STACK, which may be empty; its thread must have been joined. */
void stack_release(struct stack *stack);

/* Starts a thread that runs FUNCTION with ARGUMENT on STACK. The caller joins THREAD. Returns 0, or
 * an errno; EAGAIN: too many threads. */
int stack_start_thread(const struct stack *stack, pthread_t *thread, void *(*function)(void *),
                       void *argument);

#endif
