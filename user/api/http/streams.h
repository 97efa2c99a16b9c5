/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The connections of a worker that get server-sent events. */
#ifndef GAPWATCH_API_HTTP_STREAMS_H
#define GAPWATCH_API_HTTP_STREAMS_H

#include "api/http/kore.h"
#include "api/routes/api.h"

/* Whether REQUEST is a GET of STREAM_PATH without parameters. */
int streams_are_asked_for(const struct http_request *request);

/* Whether this worker has room for one more stream. */
int streams_have_room(void);

/*
 * Makes the connection of REQUEST a stream and sends HEAD, the head of the answer, which stays the
 * caller's. There must be room (streams_have_room()). LAST_ID is the id of the last event that the
 * client got; NULL: it gets only what the database API does not have yet. Returns 0, or -1: the
 * database cannot be read now, and nothing was sent.
 */
int streams_begin(struct api *api, struct http_request *request, const char *last_id,
                  const struct kore_buf *head);

/* Closes all streams of this worker. Called when the token has changed: clients that connect again
 * must send the new one. */
void streams_end(void);

/* Sends new gaps and events in the database of API to all clients. Called every second; takes a
 * fifth of a second at most. */
void streams_tick(struct api *api);

#endif
