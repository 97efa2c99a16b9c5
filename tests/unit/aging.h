/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A database that gets older by days in no time, for the tests of retention. */
#ifndef GAPWATCH_TESTS_UNIT_AGING_H
#define GAPWATCH_TESTS_UNIT_AGING_H

#include "base/timestamp.h"
#include "folder.h"
#include "store/database/database.h"
#include "store/retention/retention.h"
#include "track/tracker.h"

#define DAY_NS   (86400 * NS_PER_SECOND)
#define START_NS (UINT64_C(1735689600) * NS_PER_SECOND)
#define LONG_NS  (60 * NS_PER_SECOND)

enum { FLOWS = 10, FLUSHES_A_DAY = 24, FLUSH_SECONDS = 5, DAYS_KEPT = 30 };

static uint64_t now_ns;
static struct store_options options;
static struct writer writer;
static struct retention retention;
static struct tracker tracker;
static uint32_t sequence;
static struct error error;

static uint64_t clock_now(void)
{
    return now_ns;
}

static void open_all(const char *method, uint64_t max_bytes)
{
    options = (struct store_options){
        .path = path,
        .source = "test",
        .method = method,
        .window = WINDOW_DEFAULT,
        .shards = 1,
        .flush_seconds = FLUSH_SECONDS,
        .retain_days = DAYS_KEPT,
        .max_bytes = max_bytes,
        .clock = clock_now,
    };
    sequence = 0;
    assert_int_equal(writer_open(&writer, &options, &error), 0);
    assert_int_equal(retention_init(&retention, &writer, &error), 0);
    assert_int_equal(tracker_init(&tracker, WINDOW_DEFAULT, FLOWS), 0);
    tracker_keep_changes(&tracker);
}

static void close_all(void)
{
    retention_release(&retention);
    writer_release(&writer);
    tracker_release(&tracker);
}

static int64_t ask(const char *sql)
{
    sqlite3_stmt *statement = database_prepare(writer.database, sql, &error);
    int64_t value = -1;

    assert_non_null(statement);
    assert_true(statement_ask(statement, &value, &error) >= 0);
    sqlite3_finalize(statement);
    return value;
}

static void receive(uint32_t spi, uint32_t number)
{
    struct frame_record record = {
        .key = {.protocol = OUTCOME_ESP, .family = 4, .spi = spi},
        .sequence = number,
        .timestamp_ns = now_ns,
        .wire_bytes = 100,
        .wire_packets = 1,
    };

    tracker_receive(&tracker, &record, 1, NULL);
}

/* Writes what was collected at now_ns, for the FLUSH_SECONDS before. */
static void flush(void)
{
    struct store_batch batch = {
        .interval = {.start_ns = now_ns - FLUSH_SECONDS * NS_PER_SECOND, .end_ns = now_ns}};
    struct left_out left_out;

    change_log_collect(&tracker.changes, &batch.changes);
    assert_int_equal(writer_write(&writer, &batch, &left_out, &error), 0);
    changes_release(&batch.changes);
}

/* A day with two minutes of traffic and some loss in each flow; then what is due is removed. */
static void one_day(uint32_t first_spi)
{
    for (int i = 0; i < FLUSHES_A_DAY; i++) {
        now_ns += FLUSH_SECONDS * NS_PER_SECOND;
        sequence += 2 + WINDOW_DEFAULT * (i % 4 == 0);
        for (uint32_t flow = 0; flow < FLOWS; flow++)
            receive(first_spi + flow, sequence);
        flush();
        retention_run(&retention, LONG_NS);
    }
    now_ns += DAY_NS - FLUSHES_A_DAY * FLUSH_SECONDS * NS_PER_SECOND;
    while (retention_run(&retention, LONG_NS))
        ;
}

/* The age of the oldest row of a query in days. */
static double oldest_days(const char *timestamp_and_from)
{
    char sql[256], now[TIMESTAMP_CHARS];

    timestamp_format(now_ns, now);
    snprintf(sql, sizeof(sql),
             "SELECT (julianday('%s') - julianday(min(timestamp))) * 1000 FROM %s", now,
             timestamp_and_from);
    return (double)ask(sql) / 1000;
}

#endif
