/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/writer/sa_writer.h"

#include "figures/rows.h"
#include "store/database/bind.h"

/* Two columns that are not figures, then the figures. */
enum {
    CAPTURE = 1,
    FLOW,
    FIRST_FIGURE,
};

static const char upsert_sql[] =
    "INSERT INTO sas (changed, capture_id, flow"
#define FIGURE(name, ...) ", " #name
#include "figures/sa.def"
    ") VALUES (change_number(), ?, ?"
#define FIGURE(...) ", ?"
#include "figures/sa.def"
    ") ON CONFLICT (flow, generation) DO UPDATE SET changed = change_number()"
#define FIGURE(name, ...) ", " #name " = excluded." #name
#define KEY(...)
#define STORED(...)
#include "figures/sa.def"
    ;

static const char count_sql[] = "SELECT coalesce(max(generation) + 1, 0) FROM sas WHERE flow = ?1";

int sa_writer_init(struct sa_writer *writer, sqlite3 *database, int64_t capture,
                   struct error *error)
{
    *writer = (struct sa_writer){.capture = capture};
    writer->upsert = database_prepare(database, upsert_sql, error);
    writer->count = writer->upsert ? database_prepare(database, count_sql, error) : NULL;
    return writer->count ? 0 : -1;
}

void sa_writer_release(struct sa_writer *writer)
{
    sqlite3_finalize(writer->upsert);
    sqlite3_finalize(writer->count);
    *writer = (struct sa_writer){0};
}

static void bind_figures(sqlite3_stmt *statement, const struct sa_row *row)
{
    int place = FIRST_FIGURE;

#define FIGURE(name, type, unit, null, value, meaning) bind_##type(statement, place++, value);
#include "figures/sa.def"
}

int sa_writer_write(struct sa_writer *writer, const struct sa_change *change, int64_t flow,
                    uint32_t earlier, const struct bond_names *names, struct error *error)
{
    char id[FLOW_ID_CHARS];
    struct sa_row row = {
        .sa = change,
        .flow_id = id,
        .generation = (uint64_t)earlier + change->generation,
    };

    flow_id_format(&change->key, id);
    row.names = bond_names_of_sa(names, id, row.generation);
    sqlite3_bind_int64(writer->upsert, CAPTURE, writer->capture);
    sqlite3_bind_int64(writer->upsert, FLOW, flow);
    bind_figures(writer->upsert, &row);
    return statement_run(writer->upsert, error);
}

int sa_writer_count(struct sa_writer *writer, int64_t flow, uint32_t *count, struct error *error)
{
    int64_t found = 0;

    sqlite3_bind_int64(writer->count, 1, flow);
    if (statement_ask(writer->count, &found, error) < 0)
        return -1;
    *count = (uint32_t)found;
    return 0;
}
