/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/gap_writer.h"

#include "report/figures.h"
#include "store/database.h"

#define INSERT                                                                                     \
    "INSERT INTO sequence_gaps (capture_id, flow_id, expected_sequence, received_sequence, "       \
    "gap_size, timestamp, duration_ms, cause) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"

int gap_writer_init(struct gap_writer *writer, sqlite3 *database, int64_t capture,
                    struct error *error)
{
    *writer = (struct gap_writer){.capture = capture};
    writer->insert = database_prepare(database, INSERT, error);
    return writer->insert ? 0 : -1;
}

void gap_writer_release(struct gap_writer *writer)
{
    sqlite3_finalize(writer->insert);
    *writer = (struct gap_writer){0};
}

static void bind(struct gap_writer *writer, const struct gap *gap, const char *id)
{
    sqlite3_stmt *statement = writer->insert;

    sqlite3_bind_int64(statement, 1, writer->capture);
    statement_bind_text(statement, 2, id);
    sqlite3_bind_int64(statement, 3, gap->expected_sequence);
    sqlite3_bind_int64(statement, 4, gap->received_sequence);
    sqlite3_bind_int64(statement, 5, gap->size);
    statement_bind_time(statement, 6, gap->timestamp_ns);
    sqlite3_bind_double(statement, 7, (double)gap->duration_ns / NS_PER_MS);
    statement_bind_text(statement, 8, gap_cause_name(gap->cause));
}

int gap_writer_write(struct gap_writer *writer, const struct gap_log *log, uint64_t *omitted,
                     struct error *error)
{
    sqlite3 *database = sqlite3_db_handle(writer->insert);
    char id[FLOW_ID_CHARS];

    for (size_t i = 0; i < log->count; i++) {
        const struct gap *gap = &log->gaps[i];

        flow_id_format(&gap->key, id);
        bind(writer, gap, id);
        if (statement_run(writer->insert, error) == 0)
            continue;
        if (sqlite3_extended_errcode(database) != SQLITE_CONSTRAINT_FOREIGNKEY)
            return -1;
        ++*omitted; /* its flow left, and there was no more room for it */
    }
    return 0;
}
