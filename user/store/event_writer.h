/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Writes events, a row each. */
#ifndef GAPWATCH_STORE_EVENT_WRITER_H
#define GAPWATCH_STORE_EVENT_WRITER_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "track/event.h"

struct event_writer {
    sqlite3_stmt *insert;
    int64_t capture;
};

/* Returns 0, or -1 with ERROR set; release it either way. */
int event_writer_init(struct event_writer *writer, sqlite3 *database, int64_t capture,
                      struct error *error);
void event_writer_release(struct event_writer *writer);

/* Writes EVENT in the transaction that is open. Returns 0, or -1 with ERROR set. */
int event_writer_write(struct event_writer *writer, const struct track_event *event,
                       struct error *error);

#endif
