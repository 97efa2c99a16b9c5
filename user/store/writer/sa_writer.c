/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/writer/sa_writer.h"

#include "figures/rows.h"
#include "numbered.h"
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

#define UPPER_HALF "4294967296" /* 2^32 */

#define FIND                                                                                       \
    "SELECT id FROM sas WHERE flow = ?1 AND generation = ?2 AND first_sequence < " UPPER_HALF
#define SHIFT                                                                                      \
    "UPDATE sequence_gaps SET first_number = first_number + ?4, last_number = last_number + ?4, "  \
    "changed = change_number() WHERE capture_id = ?1 AND flow_id = ?2 AND sa_id = ?3"

int sa_writer_init(struct sa_writer *writer, sqlite3 *database, int64_t capture,
                   struct error *error)
{
    *writer = (struct sa_writer){.capture = capture};
    writer->upsert = database_prepare(database, upsert_sql, error);
    writer->count = writer->upsert ? database_prepare(database, count_sql, error) : NULL;
    writer->find = writer->count ? database_prepare(database, FIND, error) : NULL;
    writer->shift = writer->find ? database_prepare(database, SHIFT, error) : NULL;
    return writer->shift ? 0 : -1;
}

void sa_writer_release(struct sa_writer *writer)
{
    sqlite3_finalize(writer->upsert);
    sqlite3_finalize(writer->count);
    sqlite3_finalize(writer->find);
    sqlite3_finalize(writer->shift);
    *writer = (struct sa_writer){0};
}

static void bind_figures(sqlite3_stmt *statement, const struct sa_row *row)
{
    int place = FIRST_FIGURE;

#define FIGURE(name, type, unit, null, value, meaning) bind_##type(statement, place++, value);
#include "figures/sa.def"
}

/* If MKA told the upper half of the numbers of ROW's SA since it was written
 * (track/sequence/upper.h), adds it to those of its gaps. */
static int shift_gaps(struct sa_writer *writer, const struct sa_row *row, int64_t flow,
                      struct error *error)
{
    uint64_t base = row->sa->first_sequence & ~(uint64_t)UINT32_MAX;
    int64_t id = 0;

    if (number_bits(row->sa->key.protocol) != 32 || !base)
        return 0;
    sqlite3_bind_int64(writer->find, 1, flow);
    sqlite3_bind_int64(writer->find, 2, (sqlite3_int64)row->generation);
    if (sqlite3_step(writer->find) == SQLITE_ROW)
        id = sqlite3_column_int64(writer->find, 0);
    if (sqlite3_reset(writer->find) != SQLITE_OK)
        return database_failed(sqlite3_db_handle(writer->find), error);
    if (!id)
        return 0;
    sqlite3_bind_int64(writer->shift, 1, writer->capture);
    statement_bind_text(writer->shift, 2, row->flow_id);
    sqlite3_bind_int64(writer->shift, 3, id);
    sqlite3_bind_int64(writer->shift, 4, (sqlite3_int64)base);
    return statement_run(writer->shift, error);
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
    if (shift_gaps(writer, &row, flow, error) < 0)
        return -1;
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
