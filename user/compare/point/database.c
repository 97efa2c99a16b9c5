/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/point/database.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/timestamp.h"
#include "compare/point/complete.h"
#include "flow/id_read.h"
#include "store/database/database.h"
#include "store/database/read_only.h"

#define PATH_CHARS 4096

#define ENDING_NS (NS_PER_SECOND / 2)

/* The program writes no higher numbers, and sums of two fit into 64 bits. */
#define NUMBER_MAX (UINT64_MAX >> 2)

/* A file capture watched from its first frame to its last, also while the file grows; a live one
 * from its start on, until it ended or, as far as the database tells, until the last flush.
 * Retention removes intervals before gaps and ended SAs. Of these, it removes the oldest first. */
#define CAPTURE                                                                                    \
    "SELECT id, source, window, packets, "                                                         \
    "CASE method WHEN 'file' THEN first_timestamp ELSE started END, last_timestamp, "              \
    "CASE WHEN method != 'file' THEN coalesce(ended, updated) "                                    \
    "WHEN ended IS NULL THEN last_timestamp END, "                                                 \
    "ended IS NULL, gaps_omitted > 0, "                                                            \
    "flush_interval = 0 AND NOT EXISTS (SELECT 1 FROM sas WHERE capture_id = captures.id), "       \
    "(SELECT min(timestamp) FROM capture_intervals WHERE capture_id = captures.id), "              \
    "(SELECT total(packets) FROM capture_intervals WHERE capture_id = captures.id) "               \
    "< total_packets_received, "                                                                   \
    "(SELECT min(last_timestamp) FROM sas WHERE capture_id = captures.id AND ended) "              \
    "FROM captures WHERE ?1 IS NULL OR id = ?1 OR source = ?1 ORDER BY id DESC LIMIT 1"
#define SAS                                                                                        \
    "SELECT sas.id, flows.flow_id, sas.association, sas.generation, sas.first_sequence, "          \
    "sas.last_sequence, sas.first_timestamp, sas.last_timestamp, sas.duplicate_packets, "          \
    "sas.reordered_packets, sas.late_packets, sas.skipped_numbers, sas.lineage, "                  \
    "sas.packets_received, sas.total_lost_packets, sas.recommended_window, "                       \
    "sas.max_reorder_distance, sas.ended "                                                         \
    "FROM sas JOIN flows ON flows.id = sas.flow WHERE sas.capture_id = ?1"
#define GAPS                                                                                       \
    "SELECT sa_id, first_number, last_number, late_after, cause = 'undetermined', timestamp "      \
    "FROM sequence_gaps WHERE capture_id = ?1 AND NOT withdrawn AND sa_id IS NOT NULL "            \
    "ORDER BY sa_id, first_number"
#define SAMPLES                                                                                    \
    "SELECT samples.sa, samples.number, samples.timestamp_ns FROM sas CROSS JOIN samples "         \
    "ON samples.sa = sas.id WHERE sas.capture_id = ?1 "                                            \
    "ORDER BY samples.sa, samples.number, samples.timestamp_ns"

/* The SAs of a point in the order of their rows. */
struct by_row {
    struct point_sa **sas;
    size_t count;
    size_t at; /* moves forward with the rows that are read */
};

struct reading {
    sqlite3 *database;
    struct point *point;
    struct by_row rows;
    struct error *error;
};

static const char *text_at(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);

    return text ? text : "";
}

static uint64_t number_at(sqlite3_stmt *statement, int column)
{
    return (uint64_t)sqlite3_column_int64(statement, column);
}

/* A count of frames, which a forged database may have below 0. */
static uint64_t frames_at(sqlite3_stmt *statement, int column)
{
    int64_t frames = sqlite3_column_int64(statement, column);

    return frames > 0 ? (uint64_t)frames : 0;
}

/* Runs SQL for CAPTURE and calls TAKE for each row. Returns 0, or -1 with the error set: TAKE
 * returns -1 when there is no memory. */
static int read_rows(struct reading *reading, const char *sql, int64_t capture,
                     int (*take)(struct reading *reading, sqlite3_stmt *row))
{
    sqlite3_stmt *statement = database_prepare(reading->database, sql, reading->error);
    int code = SQLITE_ERROR, status = 0;

    if (!statement)
        return -1;
    sqlite3_bind_int64(statement, 1, capture);
    while (status == 0 && (code = sqlite3_step(statement)) == SQLITE_ROW)
        status = take(reading, statement);
    if (status < 0)
        error_set(reading->error, "no memory for the SAs");
    else if (code != SQLITE_DONE)
        status = database_failed(reading->database, reading->error);
    sqlite3_finalize(statement);
    return status;
}

/* --- the capture --- */

/* Binds CAPTURE as a number, if it is one, else as a name. */
static void bind_capture(sqlite3_stmt *statement, const char *capture)
{
    char *end = NULL;
    long long id = capture && isdigit((unsigned char)*capture) ? strtoll(capture, &end, 10) : 0;

    if (end && !*end)
        sqlite3_bind_int64(statement, 1, id);
    else if (capture)
        statement_bind_text(statement, 1, capture);
}

/* Sets the end of POINT, whose last frame came at LAST_NS; ENDED_NS is 0 for a file. A sensor needs
 * a moment to end. When frames came until shortly before its end, it stopped watching at the last
 * one. */
static void find_end(struct point *point, uint64_t last_ns, uint64_t ended_ns)
{
    int is_busy = ended_ns < last_ns + ENDING_NS;

    point->end_ns = is_busy ? last_ns : ended_ns;
    point->tail_ns = ended_ns ? 0 : TAIL_NS;
}

/* The time in COLUMN; the latest possible one when there is none. */
static uint64_t time_or_latest(sqlite3_stmt *row, int column)
{
    const char *text = text_at(row, column);

    return *text ? point_time(timestamp_or_zero(text)) : POINT_TIME_MAX;
}

static int take_capture(struct reading *reading, sqlite3_stmt *row, const char *path)
{
    struct point *point = reading->point;
    char chars[PATH_CHARS];
    struct text name = text_over(chars, sizeof(chars));
    uint64_t ended_ns;

    text_add(&name, "%s, capture %lld (%s)", path, (long long)sqlite3_column_int64(row, 0),
             text_at(row, 1));
    point->name = strdup(chars);
    point->window = (uint32_t)sqlite3_column_int64(row, 2);
    point->frames = number_at(row, 3);
    point->start_ns = point_time(timestamp_or_zero(text_at(row, 4)));
    find_end(point, point_time(timestamp_or_zero(text_at(row, 5))),
             point_time(timestamp_or_zero(text_at(row, 6))));
    point->is_open = sqlite3_column_int(row, 7);
    point->has_omitted_gaps = sqlite3_column_int(row, 8);
    if (sqlite3_column_int(row, 9))
        return error_set(reading->error, "an older gapwatch wrote capture %lld, without SAs",
                         (long long)sqlite3_column_int64(row, 0));
    point->kept_ns = time_or_latest(row, 10);
    ended_ns = time_or_latest(row, 12);
    if (sqlite3_column_int(row, 11)) /* retention has removed intervals, and perhaps SAs */
        point->sas_ns = ended_ns < point->kept_ns ? ended_ns : point->kept_ns;
    return point->name ? 0 : error_set(reading->error, "no memory for the capture");
}

/* Finds the capture. Returns 0 with ID set, or -1 with the error set. */
static int find_capture(struct reading *reading, const char *path, const char *capture, int64_t *id)
{
    sqlite3_stmt *statement = database_prepare(reading->database, CAPTURE, reading->error);
    int code, status;

    if (!statement)
        return -1;
    bind_capture(statement, capture);
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        *id = sqlite3_column_int64(statement, 0);
        status = take_capture(reading, statement, path);
    } else if (code == SQLITE_DONE) {
        status =
            error_set(reading->error, capture ? "there is no capture %s" : "there is no capture%s",
                      capture ? capture : "");
    } else {
        status = database_failed(reading->database, reading->error);
    }
    sqlite3_finalize(statement);
    return status;
}

/* --- SAs --- */

static int take_sa(struct reading *reading, sqlite3_stmt *row)
{
    struct sa_change sa = {
        .association = (uint8_t)sqlite3_column_int(row, 2),
        .generation = (uint32_t)sqlite3_column_int64(row, 3),
        .first_sequence = number_at(row, 4),
        .last_sequence = number_at(row, 5),
        .first_ns = timestamp_or_zero(text_at(row, 6)),
        .last_ns = timestamp_or_zero(text_at(row, 7)),
        .figures =
            {
                .duplicates = frames_at(row, 8),
                .reordered = frames_at(row, 9),
                .late = frames_at(row, 10),
                .skipped = number_at(row, 11),
                .max_reorder_distance = (uint32_t)number_at(row, 16),
            },
        .advice.window = (uint32_t)sqlite3_column_int64(row, 15),
        .has_ended = sqlite3_column_int(row, 17) ? SA_ENDED : SA_GOES_ON,
    };
    struct point_sa *added;

    if (flow_id_read(text_at(row, 1), &sa.key) < 0 || sa.last_sequence < sa.first_sequence ||
        sa.last_sequence > NUMBER_MAX) {
        reading->point->omitted_sas++;
        return 0;
    }
    added = point_add(reading->point, &sa);
    if (!added)
        return -1;
    added->is_sampled = 1;
    added->late_left = sa.figures.late;
    point_find_edges(reading->point, added, frames_at(row, 13), frames_at(row, 14));
    if (flow_id_read(text_at(row, 12), &added->lineage) < 0)
        added->lineage = (struct flow_key){0}; /* not known */
    added->row = sqlite3_column_int64(row, 0);
    return 0;
}

static int compare_rows(const void *left, const void *right)
{
    int64_t a = (*(struct point_sa *const *)left)->row;
    int64_t b = (*(struct point_sa *const *)right)->row;

    return (a > b) - (a < b);
}

static int list_by_row(struct reading *reading)
{
    struct point *point = reading->point;
    struct by_row *rows = &reading->rows;

    rows->sas = calloc(point->sa_count + 1, sizeof(struct point_sa *));
    if (!rows->sas)
        return error_set(reading->error, "no memory for the SAs");
    rows->count = point->sa_count;
    for (size_t i = 0; i < rows->count; i++)
        rows->sas[i] = &point->sas[i];
    if (rows->count)
        qsort(rows->sas, rows->count, sizeof(struct point_sa *), compare_rows);
    return 0;
}

/* The SA with ROW, which is at least that of the call before, or NULL. */
static struct point_sa *find_row(struct by_row *rows, int64_t row)
{
    while (rows->at < rows->count && rows->sas[rows->at]->row < row)
        rows->at++;
    return rows->at < rows->count && rows->sas[rows->at]->row == row ? rows->sas[rows->at] : NULL;
}

/* --- gaps and samples: they lie in one array, in the order of the SAs' rows --- */

/* Makes room for one more of COUNT ITEMS. Their room doubles, so it need not be kept. Returns the
 * items, or NULL: no memory. */
static void *reserve(void *items, size_t count, size_t item_bytes)
{
    if (count & (count - 1))
        return items;
    return realloc(items, (count ? 2 * count : 1) * item_bytes);
}

static void count_listed(struct point_sa *sa, uint64_t size)
{
    sa->unlisted -= size < sa->unlisted ? size : sa->unlisted;
}

static int take_gap(struct reading *reading, sqlite3_stmt *row)
{
    struct point *point = reading->point;
    struct point_sa *sa = find_row(&reading->rows, sqlite3_column_int64(row, 0));
    struct missing gap = {
        .first = number_at(row, 1),
        .last = number_at(row, 2),
        .late = number_at(row, 3),
        .is_undetermined = sqlite3_column_int(row, 4),
    };
    struct missing *gaps;

    if (sa)
        count_listed(sa, gap.last - gap.first + 1);
    if (sa && gap.late > sa->late_left)
        gap.late = sa->late_left; /* the remaining numbers belong to the next SA */
    if (!sa || gap.first < sa->sa.first_sequence || gap.last < gap.first ||
        gap.last > sa->sa.last_sequence || gap.late > gap.last - gap.first + 1 ||
        (sa->gap_count && point->gaps[point->gap_count - 1].last >= gap.first))
        return 0; /* not a row that this program wrote */
    gaps = reserve(point->gaps, point->gap_count, sizeof(*gaps));
    if (!gaps)
        return -1;
    point->gaps = gaps;
    gaps[point->gap_count++] = gap;
    if (!sa->gap_count)
        sa->gaps_ns = point_time(timestamp_or_zero(text_at(row, 5)));
    sa->gap_count++;
    sa->late_left -= gap.late;
    return 0;
}

static int take_sample(struct reading *reading, sqlite3_stmt *row)
{
    struct point *point = reading->point;
    struct point_sa *sa = find_row(&reading->rows, sqlite3_column_int64(row, 0));
    struct sighting sample = {.number = number_at(row, 1),
                              .time_ns = point_time(number_at(row, 2))};
    struct sighting *samples;

    if (!sa || sample.number < sa->sa.first_sequence || sample.number > sa->sa.last_sequence)
        return 0;
    if (sa->rising_count && point->samples[point->sample_count - 1].number == sample.number)
        return 0; /* a copy */
    samples = reserve(point->samples, point->sample_count, sizeof(*samples));
    if (!samples)
        return -1;
    point->samples = samples;
    samples[point->sample_count++] = sample;
    sa->rising_count++;
    return 0;
}

/* Gives each SA its part of the arrays, which no longer move. */
static void share_out(struct reading *reading)
{
    const struct point *point = reading->point;
    size_t gaps = 0, samples = 0;

    for (size_t i = 0; i < reading->rows.count; i++) {
        struct point_sa *sa = reading->rows.sas[i];

        if (sa->gap_count)
            sa->gaps = &point->gaps[gaps];
        if (sa->rising_count)
            sa->rising = &point->samples[samples];
        gaps += sa->gap_count;
        samples += sa->rising_count;
    }
}

/* --- the whole --- */

static int read_capture(struct reading *reading, const char *path, const char *capture)
{
    int64_t id = 0;

    if (find_capture(reading, path, capture, &id) < 0 || read_rows(reading, SAS, id, take_sa) < 0)
        return -1;
    point_arrange(reading->point);
    if (list_by_row(reading) < 0 || read_rows(reading, GAPS, id, take_gap) < 0)
        return -1;
    reading->rows.at = 0;
    if (read_rows(reading, SAMPLES, id, take_sample) < 0)
        return -1;
    share_out(reading);
    point_complete(reading->point);
    return 0;
}

static sqlite3 *open_database(const char *path, struct error *error)
{
    char chars[PATH_CHARS];
    struct text log = text_over(chars, sizeof(chars));
    int is_immutable;

    text_add(&log, "%s-wal", path);
    return open_read_only(path, access(chars, F_OK) == 0, &is_immutable, error);
}

int point_read_database(struct point *point, const char *path, const char *capture,
                        struct error *error)
{
    struct error reason;
    struct reading reading = {.point = point, .error = &reason};
    int status = -1;

    *point = (struct point){.is_sampled = 1};
    reading.database = open_database(path, &reason);
    if (reading.database)
        status = database_run(reading.database, "BEGIN", &reason);
    if (status == 0)
        status = read_capture(&reading, path, capture);
    sqlite3_close(reading.database);
    free(reading.rows.sas);
    return status == 0 ? 0 : error_set(error, "%s: %s", path, reason.text);
}
