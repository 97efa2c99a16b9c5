/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Ends the server after SIGTERM, SIGINT or SIGQUIT, however many signals come at once. Kore
 * remembers only the last signal. Its parent forgets SIGTERM when a worker ends before it has
 * looked: a terminal and systemd send the signal to parent and workers alike. And a worker that is
 * about to start forgets it, and is then waited for without end.
 */
#ifndef GAPWATCH_API_HTTP_ENDING_H
#define GAPWATCH_API_HTTP_ENDING_H

/* Called once in the parent, after Kore has installed its handlers: from the first of these signals
 * on, the parent and its workers are told to end each second, until they have. */
void ending_begin(void);

#endif
