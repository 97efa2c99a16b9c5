/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* SIGHUP, which asks a service to read its configuration again. */
#ifndef GAPWATCH_BASE_HANGUP_H
#define GAPWATCH_BASE_HANGUP_H

/* From now on SIGHUP only makes hangup_came() return 1. */
void hangup_catch(void);

/* Whether SIGHUP came since the last call. */
int hangup_came(void);

/* Threads that are created between hangup_hold() and hangup_let_go() never get the signal, which
 * would interrupt their system calls. A signal that arrives in between reaches the caller after
 * hangup_let_go(). */
void hangup_hold(void);

/* Ends what hangup_hold() began. */
void hangup_let_go(void);

#endif
