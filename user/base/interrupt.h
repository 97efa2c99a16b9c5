/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* SIGINT and SIGTERM: the first asks the program to finish; another one, more than half a second
 * later, ends it at once. */
#ifndef GAPWATCH_BASE_INTERRUPT_H
#define GAPWATCH_BASE_INTERRUPT_H

#include <pthread.h>

enum interrupt_scope {
    INTERRUPT_UNLESS_IGNORED, /* signals that are ignored (in a script's background job) stay so */
    INTERRUPT_ALL,            /* for commands that run until they are told to end */
};

/* From now on the first SIGINT or SIGTERM only makes interrupted() return 1. SCOPE tells whether
 * signals that are ignored stay so. */
void interrupt_catch(enum interrupt_scope scope);

/* Whether SIGINT or SIGTERM came. */
int interrupted(void);

/* Makes a blocking system call of THREAD fail with EINTR. The signal may come just before the call,
 * so the caller repeats this until the thread reacts. */
void interrupt_thread(pthread_t thread);

#endif
