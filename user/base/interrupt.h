/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* SIGINT and SIGTERM: the first asks the program to finish, one that comes more than half a second
 * later ends it at once. */
#ifndef GAPWATCH_BASE_INTERRUPT_H
#define GAPWATCH_BASE_INTERRUPT_H

#include <pthread.h>

enum interrupt_scope {
    INTERRUPT_UNLESS_IGNORED, /* a signal that is ignored, as in a script's background job, stays so
                               */
    INTERRUPT_ALL, /* for what runs until it is told to end, from wherever it was started */
};

/* From now on the first of the two signals only sets what interrupted() tells. */
void interrupt_catch(enum interrupt_scope scope);

/* Whether one of them came. */
int interrupted(void);

/* Gets THREAD out of a system call that blocks, which fails with EINTR. The signal may come just
 * before that call: repeat it until the thread has noticed. */
void interrupt_thread(pthread_t thread);

#endif
