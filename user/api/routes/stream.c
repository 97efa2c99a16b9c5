/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/routes/stream.h"

#include <inttypes.h>

#include "api/routes/rows.h"
#include "base/monotonic.h"

#define DEADLINE_NS (NS_PER_SECOND / 5)
#define ROWS_MAX    500 /* of a kind at a time; a client that gets as many asks the lists */

#define LABELS      ", capture_id, (SELECT source FROM captures WHERE id = capture_id) AS interface, id"
#define LABEL_COUNT 2

struct stream_place stream_place_read(const char *last_id)
{
    struct stream_place place = {0};

    place.is_known = last_id &&
                     sscanf(last_id, "%" SCNd64 "-%" SCNd64, &place.gap, &place.event) == 2 &&
                     place.gap >= 0 && place.event >= 0;
    return place;
}

static int64_t newest(struct call *call, const char *table)
{
    sqlite3_stmt *statement;
    struct query query;

    query_init(&query);
    query_add(&query, "SELECT coalesce(max(id), 0) FROM %s", table);
    statement = reader_select(call->reader, &query);
    return reader_next(call->reader, statement) ? sqlite3_column_int64(statement, 0) : 0;
}

/* Writes the rows of TABLE behind LAST, which it moves, as events of KIND. */
static void write_rows(struct call *call, FILE *to, const char *kind, const char *table,
                       const struct figure_table *figures, struct stream_place *place,
                       int64_t *last)
{
    char captures[SCOPE_CHARS];
    sqlite3_stmt *statement;
    struct query query;

    scope_condition(&call->scope, captures);
    query_init(&query);
    query_add(&query,
              "SELECT %s" LABELS " FROM %s WHERE id > ? AND +capture_id%s ORDER BY id LIMIT ?",
              figures->columns, table, captures);
    query_integer(&query, *last);
    query_integer(&query, ROWS_MAX);
    statement = reader_select(call->reader, &query);
    while (reader_next(call->reader, statement)) {
        struct json_writer *json = &call->answer->json;

        *last = sqlite3_column_int64(statement, (int)figures->count + LABEL_COUNT);
        fprintf(to, "event: %s\nid: %" PRId64 "-%" PRId64 "\ndata: ", kind, place->gap,
                place->event);
        json_begin(json, to);
        json_open(json, NULL, '{');
        row_write_members(call, figures, LABEL_COUNT, statement);
        json_close(json, '}');
        json_end(json);
        fputc('\n', to);
    }
}

static void write_new(struct call *call, struct stream_place *place, FILE *to)
{
    int64_t gap = newest(call, "sequence_gaps"), event = newest(call, "events");

    /* Another database has begun anew with small numbers. */
    if (!place->is_known || place->gap > gap || place->event > event)
        *place = (struct stream_place){gap, event, 1};
    if (place->gap < gap)
        write_rows(call, to, "gap", "sequence_gaps", &gap_figures_table, place, &place->gap);
    if (place->event < event)
        write_rows(call, to, "event", "events", &event_figures_table, place, &place->event);
}

int stream_write(struct api *api, struct stream_place *place, FILE *to)
{
    const struct parameters parameters = {0};
    struct stream_place before = *place;
    struct answer answer;
    struct call call = {.reader = &api->reader,
                        .running = &api->running,
                        .parameters = &parameters,
                        .answer = &answer};
    struct error error;

    answer_init(&answer);
    if (reader_begin(&api->reader, monotonic_ns() + DEADLINE_NS, &error) < 0)
        return 0;
    running_read(&api->running, &api->reader);
    if (call_find_captures(&call) == 0)
        write_new(&call, place, to);
    answer_release(&answer);
    if (reader_end(&api->reader, &error) < 0)
        *place = before;
    return before.is_known && (place->gap != before.gap || place->event != before.event);
}

/* Without a connection that stays, the answer ends after what is new: nothing. */
void answer_stream(struct call *call)
{
    if (answer_open(call->answer, STREAM_TYPE) < 0)
        return;
    fputs(": nothing yet\n\n", call->answer->to);
    answer_close(call->answer);
}
