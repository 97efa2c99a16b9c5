/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/routes/stream.h"

#include <inttypes.h>

#include "api/routes/list/rows.h"

/* Rows of one kind that are sent at once. A client that is far behind gets the rest a second later.
 * */
#define ROWS_MAX 500
#define SCAN_MAX 20000 /* ids, whether or not their rows belong to running captures */

#define OCTETS_MAX (1 << 20) /* sent at once; rows of a hostile database may be large */

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

/* One kind of row. */
struct stream_list {
    const char *kind; /* of the event */
    const char *table;
    const struct figure_table *figures;
    int64_t *last; /* in the place of the client */
};

/* Selects the rows of LIST up to the id UNTIL. */
static sqlite3_stmt *select_rows(struct call *call, const struct stream_list *list, int64_t until)
{
    char captures[SCOPE_CHARS];
    struct query query;

    scope_condition(&call->scope, captures);
    query_init(&query);
    query_add(&query,
              "SELECT %s" CAPTURE_LABELS ", id FROM %s WHERE id > ? AND id <= ? AND +capture_id%s "
              "ORDER BY id LIMIT ?",
              list->figures->columns, list->table, captures);
    query_integer(&query, *list->last);
    query_integer(&query, until);
    query_integer(&query, ROWS_MAX);
    return reader_select(call->reader, &query);
}

/* Writes the row of STATEMENT as an event. */
static void write_row(struct call *call, const struct stream_list *list,
                      const struct stream_place *place, sqlite3_stmt *statement, FILE *to)
{
    struct json_writer *json = &call->answer->json;

    fprintf(to, "event: %s\nid: %" PRId64 "-%" PRId64 "\ndata: ", list->kind, place->gap,
            place->event);
    json_begin(json, to);
    json_open(json, NULL, '{');
    row_write_members(call, list->figures, CAPTURE_LABEL_COUNT, statement);
    json_close(json, '}');
    json_end(json);
    fputc('\n', to);
}

/* Writes the rows of LIST behind PLACE, which it moves; NEWEST is the highest id of the table. */
static void write_rows(struct call *call, const struct stream_list *list,
                       const struct stream_place *place, int64_t newest, FILE *to)
{
    int64_t until = newest - *list->last > SCAN_MAX ? *list->last + SCAN_MAX : newest;
    sqlite3_stmt *statement;
    int count = 0, has_more = 1;

    if (*list->last >= newest)
        return;
    statement = select_rows(call, list, until);
    while (ftello(to) < OCTETS_MAX && (has_more = reader_next(call->reader, statement))) {
        *list->last =
            sqlite3_column_int64(statement, (int)list->figures->count + CAPTURE_LABEL_COUNT);
        write_row(call, list, place, statement, to);
        count++;
    }
    /* Move behind rows of captures that do not run, so that they are skipped only once. */
    if (!has_more && count < ROWS_MAX && call->reader->result == SQLITE_OK)
        *list->last = until;
}

static void write_new(struct call *call, struct stream_place *place, FILE *to)
{
    int64_t gap = newest(call, "sequence_gaps"), event = newest(call, "events");

    if (call->reader->result != SQLITE_OK)
        return;
    /* Ids smaller than the client's mean that the database was replaced. */
    if (!place->is_known || place->gap > gap || place->event > event)
        *place = (struct stream_place){gap, event, 1};
    if (call_find_captures(call) < 0)
        return;
    write_rows(call, &(struct stream_list){"gap", "sequence_gaps", &gap_figures_table, &place->gap},
               place, gap, to);
    write_rows(call, &(struct stream_list){"event", "events", &event_figures_table, &place->event},
               place, event, to);
}

int stream_write(struct api *api, struct stream_place *place, uint64_t deadline_ns, FILE *to)
{
    const struct parameters parameters = {0};
    struct stream_place before = *place;
    struct answer answer;
    struct call call = {.reader = &api->reader,
                        .running = &api->running,
                        .parameters = &parameters,
                        .answer = &answer};
    struct error error;
    int is_late;

    answer_init(&answer);
    if (reader_begin(&api->reader, deadline_ns, &error) < 0)
        return -1;
    running_read(&api->running, &api->reader);
    write_new(&call, place, to);
    answer_release(&answer);
    is_late = reader_is_late(&api->reader);
    if (reader_end(&api->reader, &error) == 0 || is_late)
        return 0;
    *place = before;
    return -1;
}

/* Answers where no connection can be kept open (HEAD, tests): an empty stream, which ends. */
void answer_stream(struct call *call)
{
    if (answer_open(call->answer, STREAM_TYPE) < 0)
        return;
    fputs(": nothing yet\n\n", call->answer->to);
    answer_close(call->answer);
}
