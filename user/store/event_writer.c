/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/event_writer.h"

#include "figures/rows.h"
#include "store/bind.h"

/* Parameters: the capture's row, then the figures of the event. */
static const char insert_sql[] = "INSERT INTO events (changed, capture_id"
#define FIGURE(name, ...) ", " #name
#include "figures/event.def"
                                 ") VALUES (change_number(), ?"
#define FIGURE(...) ", ?"
#include "figures/event.def"
                                 ")";

int event_writer_init(struct event_writer *writer, sqlite3 *database, int64_t capture,
                      struct error *error)
{
    *writer = (struct event_writer){.capture = capture};
    writer->insert = database_prepare(database, insert_sql, error);
    return writer->insert ? 0 : -1;
}

void event_writer_release(struct event_writer *writer)
{
    sqlite3_finalize(writer->insert);
    *writer = (struct event_writer){0};
}

/* Writes the value of the event to DETAIL, as JSON. */
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

static void bind_figures(sqlite3_stmt *statement, const struct event_row *row)
{
    int place = 2;

#define FIGURE(name, type, unit, null, value, meaning) bind_##type(statement, place++, value);
#include "figures/event.def"
}

int event_writer_write(struct event_writer *writer, const struct track_event *event,
                       struct error *error)
{
    char id[FLOW_ID_CHARS] = "", chars[64];
    struct text detail = text_over(chars, sizeof(chars));
    const struct event_row row = {
        .event = event,
        .flow_id = event->key.protocol ? id : NULL,
        .detail = chars,
    };

    if (row.flow_id)
        flow_id_format(&event->key, id);
    describe(event, &detail);
    sqlite3_bind_int64(writer->insert, 1, writer->capture);
    bind_figures(writer->insert, &row);
    return statement_run(writer->insert, error);
}
