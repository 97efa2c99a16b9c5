/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/report/keep.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "compare/report/rows.h"
#include "store/database/bind.h"

#define COLUMN(name, ...)                            #name ", "
#define PLACE(...)                                   "?, "
#define BIND(name, type, unit, null, value, meaning) bind_##type(statement, place++, value);

/* The id is the last column, and NULL: SQLite assigns it. */
static const char insert_sql[] = "INSERT INTO comparisons ("
#define FIGURE COLUMN
#include "figures/comparison.def"
                                 "id) VALUES ("
#define FIGURE PLACE
#include "figures/comparison.def"
                                 "NULL)";

static const char insert_sa_sql[] = "INSERT INTO compared_sas ("
#define FIGURE COLUMN
#include "figures/compared_sa.def"
                                    "id) VALUES ("
#define FIGURE PLACE
#include "figures/compared_sa.def"
                                    "NULL)";

static const char insert_delay_sql[] = "INSERT INTO compared_delays ("
#define FIGURE COLUMN
#include "figures/compared_delay.def"
                                       "id) VALUES ("
#define FIGURE PLACE
#include "figures/compared_delay.def"
                                       "NULL)";

static int insert(const struct comparison_row *row, sqlite3_stmt *statement, struct error *error)
{
    int place = 1;

#define FIGURE BIND
#include "figures/comparison.def"
    return statement_run(statement, error);
}

static int insert_sa(const struct compared_row *row, sqlite3_stmt *statement, struct error *error)
{
    int place = 1;

#define FIGURE BIND
#include "figures/compared_sa.def"
    return statement_run(statement, error);
}

static int insert_delay(const struct compared_delay_row *row, sqlite3_stmt *statement,
                        struct error *error)
{
    int place = 1;

#define FIGURE BIND
#include "figures/compared_delay.def"
    return statement_run(statement, error);
}

/* The sum of the steps of TIMES in slice INDEX, in milliseconds; NAN: there is none. */
static double steps_in(const struct delay_times *times, size_t index)
{
    uint64_t from_ns = index ? times->slices[index].first_ns : 0;
    uint64_t until_ns =
        index + 1 < times->slice_count ? times->slices[index + 1].first_ns : UINT64_MAX;
    double sum = NAN;

    for (size_t i = 0; i < times->step_count; i++) {
        const struct delay_step *step = &times->steps[i];
        double by_ms = (double)step->by_ns / NS_PER_MS;

        if (step->timestamp_ns >= from_ns && step->timestamp_ns < until_ns)
            sum = isnan(sum) ? by_ms : sum + by_ms;
    }
    return sum;
}

/* Adds the delays over time of SA, which has row ID. */
static int insert_delays(const struct compared_sa *sa, int64_t comparison, int64_t id,
                         sqlite3_stmt *statement, struct error *error)
{
    const struct delay_times *times = &sa->figures.times;

    for (size_t i = 0; i < times->slice_count; i++) {
        const struct compared_delay_row row = {
            .comparison = comparison,
            .compared_sa = id,
            .slice = &times->slices[i],
            .step_ms = steps_in(times, i),
        };

        if (insert_delay(&row, statement, error) < 0)
            return -1;
    }
    return 0;
}

static int insert_sas(const struct comparison *comparison, sqlite3 *database, int64_t id,
                      struct error *error)
{
    sqlite3_stmt *of_sa = database_prepare(database, insert_sa_sql, error);
    sqlite3_stmt *of_delay = of_sa ? database_prepare(database, insert_delay_sql, error) : NULL;
    int status = of_delay ? 0 : -1;

    for (size_t i = 0; i < comparison->count && status == 0; i++) {
        struct compared_row row;

        compared_row_fill(&row, &comparison->sas[i]);
        row.comparison = id;
        status = insert_sa(&row, of_sa, error);
        if (status == 0)
            status = insert_delays(&comparison->sas[i], id, sqlite3_last_insert_rowid(database),
                                   of_delay, error);
    }
    sqlite3_finalize(of_sa);
    sqlite3_finalize(of_delay);
    return status;
}

/* The sums of each direction as JSON, or NULL: no memory. The caller frees it. */
static char *ways_of(const struct comparison *comparison)
{
    struct json_writer json;
    char *text = NULL;
    size_t length;
    FILE *to = open_memstream(&text, &length);

    if (!to)
        return NULL;
    json_begin(&json, to);
    comparison_write_ways(&json, NULL, comparison);
    json_flush(&json);
    if (fclose(to) == 0)
        return text;
    free(text);
    return NULL;
}

/* Adds all rows in one transaction. */
static int add(const struct comparison_row *row, sqlite3 *database, struct error *error)
{
    sqlite3_stmt *statement = database_prepare(database, insert_sql, error);
    int status = statement ? database_run(database, "BEGIN IMMEDIATE", error) : -1;

    if (status == 0)
        status = insert(row, statement, error);
    if (status == 0)
        status = insert_sas(row->comparison, database, sqlite3_last_insert_rowid(database), error);
    sqlite3_finalize(statement);
    return status == 0 ? database_run(database, "COMMIT", error) : -1;
}

int comparison_keep(const struct comparison *comparison, const char *path, uint64_t now_ns,
                    struct error *error)
{
    char *ways = ways_of(comparison);
    struct comparison_row row = {.comparison = comparison, .made_ns = now_ns, .ways = ways};
    struct error reason;
    sqlite3 *database = ways ? database_open(path, error) : NULL;
    int status = -1;

    if (!ways)
        error_set(error, "%s: no memory", path);
    if (database && add(&row, database, &reason) < 0)
        error_set(error, "%s: %s", path, reason.text);
    else if (database)
        status = 0;
    database_close(database); /* closing undoes what was not committed */
    free(ways);
    return status;
}
