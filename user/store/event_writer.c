/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/event_writer.h"

#include "flow/id.h"
#include "store/database.h"
#include "track/sequence.h"

#define INSERT                                                                                     \
    "INSERT INTO events (capture_id, timestamp, kind, flow_id, association, detail) "              \
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6)"

int event_writer_init(struct event_writer *writer, sqlite3 *database, int64_t capture,
                      struct error *error)
{
    *writer = (struct event_writer){.capture = capture};
    writer->insert = database_prepare(database, INSERT, error);
    return writer->insert ? 0 : -1;
}

void event_writer_release(struct event_writer *writer)
{
    sqlite3_finalize(writer->insert);
    *writer = (struct event_writer){0};
}

/* Writes what the event's value says, as JSON, into DETAIL. */
static void describe(const struct track_event *event, struct text *detail)
{
    switch (event->kind) {
    case EVENT_SENDER_JUMP:
        text_add(detail, "{\"skipped_numbers\":%llu}", (unsigned long long)event->value);
        break;
    case EVENT_CLOCK_STEP:
        text_add(detail, "{\"step_ns\":%lld}", (long long)event->value);
        break;
    default:
        text_add(detail, "{}");
    }
}

int event_writer_write(struct event_writer *writer, const struct track_event *event,
                       struct error *error)
{
    sqlite3_stmt *statement = writer->insert;
    char id[FLOW_ID_CHARS] = "", chars[64];
    struct text detail = text_over(chars, sizeof(chars));

    describe(event, &detail);
    sqlite3_bind_int64(statement, 1, writer->capture);
    statement_bind_time(statement, 2, event->timestamp_ns);
    statement_bind_text(statement, 3, track_event_name(event->kind));
    sqlite3_bind_null(statement, 4);
    sqlite3_bind_null(statement, 5);
    if (event->key.protocol) {
        flow_id_format(&event->key, id);
        statement_bind_text(statement, 4, id);
        sqlite3_bind_int(statement, 5, event->association);
    }
    statement_bind_text(statement, 6, chars);
    return statement_run(statement, error);
}
