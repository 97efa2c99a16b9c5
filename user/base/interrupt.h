/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* SIGINT and SIGTERM: the first asks the program to finish, a second one ends it at once. */
#ifndef GAPWATCH_BASE_INTERRUPT_H
#define GAPWATCH_BASE_INTERRUPT_H

#include <pthread.h>

/* From now on the first of the two signals only sets what interrupted() tells. One that is ignored,
 * as in a background job of a script, stays so. */
void interrupt_catch(void);

/* Whether one of them came. */
int interrupted(void);

/* Gets THREAD out of a system call that blocks, which fails with EINTR. The signal may come just
 * before that call: repeat it until the thread has noticed. */
void interrupt_thread(pthread_t thread);

#endif
