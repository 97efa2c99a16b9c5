/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* New gaps and events as server-sent events (HTML standard, section 9.2). */
#ifndef GAPWATCH_API_ROUTES_STREAM_H
#define GAPWATCH_API_ROUTES_STREAM_H

#include <stdint.h>
#include <stdio.h>

#include "api/routes/api.h"

#define STREAM_PATH "/api/v1/stream"
#define STREAM_TYPE "text/event-stream"

/* The last rows that a client has got. */
struct stream_place {
    int64_t gap;
    int64_t event;
    int is_known; /* 0: it gets what is new from now on */
};

/* The place of LAST_ID, the id of the last event that a client got, which it sends when it connects
 * again. NULL, or no such id: the place is not known. */
struct stream_place stream_place_read(const char *last_id);

/* Writes the gaps and events that are newer than PLACE to TO, and moves PLACE behind them. What
 * cannot be read from API's database before DEADLINE_NS, on the monotonic clock, is left for the
 * next call. Returns 0, or -1: the database cannot be read, and what was written to TO must be
 * discarded. */
int stream_write(struct api *api, struct stream_place *place, uint64_t deadline_ns, FILE *to);

#endif
