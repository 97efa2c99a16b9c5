/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The connections of a worker that get server-sent events. */
#ifndef GAPWATCH_API_HTTP_STREAMS_H
#define GAPWATCH_API_HTTP_STREAMS_H

#include "api/http/kore.h"
#include "api/routes/api.h"

/* Whether REQUEST asks for a stream. */
int streams_are_asked_for(const struct http_request *request);

/* Whether there is room for one more. */
int streams_have_room(void);

/* Makes the connection of REQUEST a stream and sends HEAD, the head of the answer. LAST_ID is what
 * the client got last, or NULL: it gets what is newer than now, which is settled before HEAD is
 * sent. Returns 0, or -1: the database cannot be read now, and nothing was sent. */
int streams_begin(struct api *api, struct http_request *request, const char *last_id,
                  const struct kore_buf *head);

/* Closes all streams: their clients gave a token that is no longer the right one. A client that
 * connects again is asked for the new one. */
void streams_end(void);

/* Sends what is new to all. Called every second. */
void streams_tick(struct api *api);

#endif
