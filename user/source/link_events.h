/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The kernel's notifications about interfaces (rtnetlink). They also show changes between two
 * polls. */
#ifndef GAPWATCH_SOURCE_LINK_EVENTS_H
#define GAPWATCH_SOURCE_LINK_EVENTS_H

struct mnl_socket;

/* Subscribes to reports about the interfaces of this network namespace. Returns a socket for
 * link_events_close(), or NULL where the system has no reports. */
struct mnl_socket *link_events_open(void);
/* Ends the subscription. EVENTS may be NULL. */
void link_events_close(struct mnl_socket *events);

/* Reads the reports since the last call. Returns 1 when the interface INDEX was removed or carried
 * no frames at some time, else 0. EVENTS may be NULL. */
int link_events_was_down(struct mnl_socket *events, unsigned index);

#endif
