/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What Kore does not do for its connections: answer a client that has ended its side, and keep room
 * for new clients when others only wait. */
#ifndef GAPWATCH_API_HTTP_CONNECTIONS_H
#define GAPWATCH_API_HTTP_CONNECTIONS_H

struct connection;

/* Handles the events, reads and writes of CONNECTION, which is new. Those of TLS stay with Kore. */
void connections_begin(struct connection *connection);

/* Called for a new connection. When this worker can take few more, closes those that have waited
 * longest for a request. */
void connections_make_room(void);

/* Called once a second: does so for half of the connections, because new ones are not seen here
 * before the end of their TLS handshake. */
void connections_tick(void);

#endif
