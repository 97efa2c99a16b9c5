/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Opens and closes the database of a writer, and makes it anew when it was lost. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "store/database/database.h"
#include "store/writer/change.h"
#include "store/writer/writer.h"

#define ADD_COUNTER                                                                                \
    "INSERT INTO capture_counters (capture_id, counter, packets, flows) VALUES (?1, ?2, ?3, ?4) "  \
    "ON CONFLICT (capture_id, counter) DO UPDATE SET packets = excluded.packets, "                 \
    "flows = flows + excluded.flows"
/* The rule of is_silent(), also for flows that left; it needs only their last times. Another flow
 * may go on in the place of one that sends nothing. */
#define END_SILENT                                                                                 \
    "UPDATE flows SET silent_since = last_timestamp, changed = change_number() "                   \
    "WHERE capture_id = ?1 "                                                                       \
    "AND silent_since IS NULL AND last_timestamp <= ?2 AND moved_to IS NULL "                      \
    "AND (lineage IS NULL OR EXISTS (SELECT 1 FROM sas WHERE flow = flows.id AND NOT ended)) "     \
    "AND (julianday(?3) - julianday(last_timestamp)) * 8640 >= "                                   \
    "coalesce(max_inter_arrival_ms, 0) / 1000"

/* The size of the page caches of all stores of this process together. */
#define CACHES_KB 65536

static int begin_capture(struct writer *writer, struct error *error)
{
    const struct store_options *options = writer->options;
    const struct capture_row row = {
        .source = options->source,
        .method = options->method,
        .window = options->window,
        .flush_interval = options->flush_seconds,
        .now_ns = options->clock(),
    };
    int status = change_begin(writer, error);

    if (status < 0)
        return -1;
    status = capture_writer_begin(&writer->captures, writer->database, &row, error);
    status = change_end(writer, status, error);
    writer->capture = writer->captures.capture;
    return status;
}

static int prepare(struct writer *writer, struct error *error)
{
    struct {
        sqlite3_stmt **statement;
        const char *sql;
    } table[] = {
        {&writer->add_counter, ADD_COUNTER},
        {&writer->end_silent, END_SILENT},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        *table[i].statement = database_prepare(writer->database, table[i].sql, error);
        if (!*table[i].statement)
            return -1;
    }
    if (event_writer_init(&writer->events, writer->database, writer->capture, error) < 0 ||
        sample_writer_init(&writer->samples, writer->database, writer->capture,
                           writer->options->max_bytes, error) < 0 ||
        interval_writer_init(&writer->intervals, writer->database, writer->capture,
                             writer->options->flush_seconds * NS_PER_SECOND, error) < 0 ||
        flow_writer_init(&writer->flows, writer->database, writer->capture, writer->memory,
                         &writer->events, &writer->intervals, error) < 0)
        return -1;
    return gap_writer_init(&writer->gaps, writer->database, writer->capture, &writer->intervals,
                           error);
}

/* Gives this store an equal share of the page cache. */
static int limit_cache(struct writer *writer, struct error *error)
{
    char sql[64];

    snprintf(sql, sizeof(sql), "PRAGMA cache_size = -%zu",
             CACHES_KB / store_siblings(writer->options));
    return database_run(writer->database, sql, error);
}

static int open_database(struct writer *writer, struct error *error)
{
    const char *path = writer->options->path;
    struct error reason;

    writer->database = database_open(path, error);
    if (!writer->database)
        return -1;
    if (limit_cache(writer, &reason) < 0 || change_prepare(writer, &reason) < 0 ||
        begin_capture(writer, &reason) < 0 || prepare(writer, &reason) < 0)
        return error_set(error, "%s: %s", path, reason.text);
    database_wait_briefly(writer->database); /* the writer's thread tries again */
    place_note(&writer->place, path);
    return 0;
}

int writer_open(struct writer *writer, const struct store_options *options, struct error *error)
{
    *writer = (struct writer){.options = options};
    writer->shards = calloc(options->shards, sizeof(*writer->shards));
    writer->memory = calloc(options->shards, sizeof(*writer->memory));
    if (!writer->shards || !writer->memory)
        return error_set(error, "%s: out of memory", options->path);
    return open_database(writer, error);
}

/* Finalises all statements and closes the database. */
static void close_database(struct writer *writer)
{
    sqlite3_finalize(writer->add_counter);
    capture_writer_release(&writer->captures);
    sqlite3_finalize(writer->end_silent);
    sqlite3_finalize(writer->next_change);
    writer->next_change = NULL;
    writer->add_counter = NULL;
    writer->end_silent = NULL;
    event_writer_release(&writer->events);
    sample_writer_release(&writer->samples);
    interval_writer_release(&writer->intervals);
    flow_writer_release(&writer->flows);
    gap_writer_release(&writer->gaps);
    /* SQLite does this when the last connection closes, but a server may have one open for
     * months. */
    if (writer->database)
        sqlite3_wal_checkpoint_v2(writer->database, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    database_close(writer->database);
    writer->database = NULL;
}

void writer_release(struct writer *writer)
{
    close_database(writer);
    for (unsigned i = 0; writer->memory && i < writer->options->shards; i++)
        flow_memory_release(&writer->memory[i]);
    free(writer->memory);
    free(writer->shards);
    *writer = (struct writer){0};
}

/* --- a database that was lost --- */

int writer_has_lost_database(const struct writer *writer)
{
    return !writer->database || place_has_changed(&writer->place, writer->options->path);
}

int writer_has_damaged_database(const struct writer *writer)
{
    return !writer_has_lost_database(writer) &&
           place_is_damaged(&writer->place, writer->options->path);
}

/* Closes a database that is not at its path any more. SQLite must not remove a log by its name: it
 * may be that of another database, which is there now. */
static void leave_database(struct writer *writer)
{
    int must_keep_log = 1;

    if (!writer->database)
        return;
    sqlite3_file_control(writer->database, "main", SQLITE_FCNTL_PERSIST_WAL, &must_keep_log);
    close_database(writer);
    place_remove_rest(&writer->place, writer->options->path);
}

int writer_make_anew(struct writer *writer, struct error *error)
{
    leave_database(writer);
    for (unsigned i = 0; i < writer->options->shards; i++) {
        flow_memory_forget_rows(&writer->memory[i]);
        memset(writer->shards[i].unbooked, 0, sizeof(writer->shards[i].unbooked));
    }
    if (open_database(writer, error) == 0)
        return 0;
    close_database(writer);
    return -1;
}
