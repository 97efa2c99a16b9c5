/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/report/keep.h"

#include <math.h>

#include "base/units.h"
#include "compare/report/report.h"
#include "flow/id.h"
#include "store/database.h"

#define INSERT                                                                                     \
    "INSERT INTO comparisons (made, a, b, clock_offset_ms, clock_offset_estimate_ms, "             \
    "clock_offset_bound_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
#define INSERT_SA                                                                                  \
    "INSERT INTO compared_sas (comparison, place, flow_id, association, direction, passed_both, "  \
    "lost_before_a, lost_between, lost_tail, lost_undetermined, missed_by_a, "                     \
    "duplicated_between, reordered_between, delay_min_ms, delay_mean_ms, delay_p50_ms, "           \
    "delay_p95_ms, delay_p99_ms, delay_samples, first_timestamp, last_timestamp, lineage) "        \
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

/* Binds TIME_NS in milliseconds, or NULL unless IS_KNOWN. */
static void bind_ms(sqlite3_stmt *statement, int place, int is_known, double time_ns)
{
    sqlite3_bind_double(statement, place, is_known ? time_ns / NS_PER_MS : NAN);
}

static int insert(const struct comparison *comparison, sqlite3_stmt *statement, uint64_t now_ns,
                  struct error *error)
{
    int has_times = comparison->samples[WAY_A_TO_B] || comparison->samples[WAY_B_TO_A];
    int has_both = comparison->has_both_ways;

    statement_bind_time(statement, 1, now_ns);
    statement_bind_text(statement, 2, comparison->a->name);
    statement_bind_text(statement, 3, comparison->b->name);
    bind_ms(statement, 4, has_times, (double)comparison_offset_ns(comparison));
    bind_ms(statement, 5, has_both, comparison_offset_estimate_ns(comparison));
    bind_ms(statement, 6, has_both, comparison_offset_bound_ns(comparison));
    return statement_run(statement, error);
}

static int bind_counts(sqlite3_stmt *statement, int place, const struct passage_figures *figures)
{
    const uint64_t counts[] = {
        figures->received_both,     figures->lost_before, figures->lost_between, figures->lost_tail,
        figures->lost_undetermined, figures->missed,      figures->duplicated,   figures->reordered,
    };

    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        sqlite3_bind_int64(statement, place++, (sqlite3_int64)counts[i]);
    return place;
}

static int bind_delay(sqlite3_stmt *statement, int place, const struct delay_figures *delay)
{
    int is_known = delay->samples > 0;

    bind_ms(statement, place++, is_known, (double)delay->min);
    bind_ms(statement, place++, is_known, delay->mean);
    bind_ms(statement, place++, is_known, (double)delay->p50);
    bind_ms(statement, place++, is_known, (double)delay->p95);
    bind_ms(statement, place++, is_known, (double)delay->p99);
    sqlite3_bind_int64(statement, place++, (sqlite3_int64)delay->samples);
    return place;
}

static int insert_sa(const struct compared_sa *sa, int64_t comparison, size_t number,
                     sqlite3_stmt *statement, struct error *error)
{
    const struct sa_change *identity = compared_identity(sa);
    struct flow_key first = compared_lineage_of(sa);
    char id[FLOW_ID_CHARS], lineage[FLOW_ID_CHARS];
    int place = 1;

    flow_id_format(&identity->key, id);
    sqlite3_bind_int64(statement, place++, comparison);
    sqlite3_bind_int64(statement, place++, (sqlite3_int64)number);
    statement_bind_text(statement, place++, id);
    sqlite3_bind_int64(statement, place++, identity->association);
    statement_bind_text(statement, place++, way_name(sa->way));
    place = bind_delay(statement, bind_counts(statement, place, &sa->figures),
                       &sa->figures.times.whole);
    statement_bind_time(statement, place++, sa->figures.first_ns);
    statement_bind_time(statement, place++, sa->figures.last_ns);
    flow_id_format(&first, lineage);
    sqlite3_bind_text(statement, place, first.protocol ? lineage : NULL, -1, SQLITE_STATIC);
    return statement_run(statement, error);
}

static int insert_sas(const struct comparison *comparison, sqlite3 *database, int64_t row,
                      struct error *error)
{
    sqlite3_stmt *statement = database_prepare(database, INSERT_SA, error);
    int status = statement ? 0 : -1;

    for (size_t i = 0; i < comparison->count && status == 0; i++)
        status = insert_sa(&comparison->sas[i], row, i + 1, statement, error);
    sqlite3_finalize(statement);
    return status;
}

/* Adds all rows in one transaction. */
static int add(const struct comparison *comparison, sqlite3 *database, uint64_t now_ns,
               struct error *error)
{
    sqlite3_stmt *statement = database_prepare(database, INSERT, error);
    int status = statement ? database_run(database, "BEGIN IMMEDIATE", error) : -1;

    if (status == 0)
        status = insert(comparison, statement, now_ns, error);
    if (status == 0)
        status = insert_sas(comparison, database, sqlite3_last_insert_rowid(database), error);
    sqlite3_finalize(statement);
    return status == 0 ? database_run(database, "COMMIT", error) : -1;
}

int comparison_keep(const struct comparison *comparison, const char *path, uint64_t now_ns,
                    struct error *error)
{
    struct error reason;
    sqlite3 *database = database_open(path, &reason);
    int status = -1;

    if (database)
        status = add(comparison, database, now_ns, &reason);
    database_close(database); /* what was not committed is undone */
    return status == 0 ? 0 : error_set(error, "%s: %s", path, reason.text);
}
