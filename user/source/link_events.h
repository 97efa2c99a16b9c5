/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the kernel tells about interfaces (rtnetlink): also what is over before anybody looks. */
#ifndef GAPWATCH_SOURCE_LINK_EVENTS_H
#define GAPWATCH_SOURCE_LINK_EVENTS_H

struct mnl_socket;

/* Subscribes to what happens to interfaces of this network namespace from now on. Returns what is
 * to be closed with link_events_close(), or NULL: this system does not tell, so only looking does.
 */
struct mnl_socket *link_events_open(void);
void link_events_close(struct mnl_socket *events);

/* Takes what was told since the last call. Returns 1 when at some time the interface INDEX carried
 * no frames or was removed, else 0. EVENTS may be NULL. */
int link_events_was_down(struct mnl_socket *events, unsigned index);

#endif
