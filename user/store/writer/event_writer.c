/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/writer/event_writer.h"

#include "figures/rows.h"
#include "store/database/bind.h"

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

/* Room for the id of another flow, and the JSON around it. */
#define DETAIL_CHARS (FLOW_ID_CHARS + 64)

/* Writes {"NAME": the id of KEY}, or {} for a key of zeros. */
static void describe_flow(const char *name, const struct flow_key *key, struct text *detail)
{
    char id[FLOW_ID_CHARS];

    if (key->protocol) {
        flow_id_format(key, id);
        text_add(detail, "{\"%s\":\"%s\"}", name, id);
    } else {
        text_add(detail, "{}");
    }
}

/* The detail of an ESP rekey has the flow whose SA was replaced, and how certain this is. */
static void describe_rekey(const struct track_event *event, struct text *detail)
{
    char id[FLOW_ID_CHARS];

    if (event->other.protocol) {
        flow_id_format(&event->other, id);
        text_add(detail, "{\"follows\":\"%s\",\"follows_known\":\"%s\"}", id,
                 certainty_name((enum certainty)event->value));
    } else {
        text_add(detail, "{}");
    }
}

/* Writes the value of the event to DETAIL, as JSON. */
static void describe(const struct track_event *event, struct text *detail)
{
    switch (event->kind) {
    case EVENT_REKEY:
        describe_rekey(event, detail);
        break;
    case EVENT_MOVED:
    case EVENT_UNDONE:
        describe_flow("follows", &event->other, detail);
        break;
    case EVENT_ROLLOVER_FAILED:
        if (event->value)
            text_add(detail, "{\"seconds_after\":%.3f}",
                     (double)event->value / (double)NS_PER_SECOND);
        else
            describe_flow("other_direction", &event->other, detail);
        break;
    case EVENT_ONE_SIDED:
        describe_flow("other_direction", &event->other, detail);
        break;
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
    char id[FLOW_ID_CHARS] = "", chars[DETAIL_CHARS];
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
