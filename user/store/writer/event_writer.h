/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Writes events, one row each. */
#ifndef GAPWATCH_STORE_WRITER_EVENT_WRITER_H
#define GAPWATCH_STORE_WRITER_EVENT_WRITER_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "track/event.h"

struct event_writer {
    sqlite3_stmt *insert;
    int64_t capture;
};

/* Prepares WRITER. Returns 0, or -1 with ERROR set; release it in either case. */
int event_writer_init(struct event_writer *writer, sqlite3 *database, int64_t capture,
                      struct error *error);
/* Frees the statements of WRITER. */
void event_writer_release(struct event_writer *writer);

/* Writes EVENT in the open transaction. Returns 0, or -1 with ERROR set. */
int event_writer_write(struct event_writer *writer, const struct track_event *event,
                       struct error *error);

#endif
