// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Measures whether capturing ever waits for the store when there are very many gaps in real time.
 *
 *   gaps DATABASE GAPS_A_SECOND SECONDS
 *
 * Each millisecond it tracks the records of that millisecond, as from a ring buffer: two for each
 * gap. Prints "RECORDS GAPS PAUSE"; PAUSE is the longest delay of the tracking in seconds.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/units.h"
#include "store/store.h"

#define FLOWS       100
#define TICK_NS     (NS_PER_SECOND / 1000)
#define RECORDS_MAX 65536

static struct frame_record records[RECORDS_MAX];
static struct tracker tracker;
static struct source_statistics statistics;
static struct error error;

static uint64_t read_clock(clockid_t id)
{
    struct timespec time;

    clock_gettime(id, &time);
    return (uint64_t)time.tv_sec * NS_PER_SECOND + (uint64_t)time.tv_nsec;
}

static void sleep_until(uint64_t until_ns)
{
    struct timespec until = {
        .tv_sec = (time_t)(until_ns / NS_PER_SECOND),
        .tv_nsec = (long)(until_ns % NS_PER_SECOND),
    };

    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

/* Tracks the records FIRST to LAST of the run. In each flow every third number is missing, behind
 * two records. */
static void receive(uint64_t first, uint64_t last)
{
    uint64_t now_ns = read_clock(CLOCK_REALTIME);
    size_t count = 0;

    for (uint64_t i = first; i < last && count < RECORDS_MAX; i++) {
        uint64_t turn = i / FLOWS;

        records[count++] = (struct frame_record){
            .key = {.protocol = OUTCOME_ESP, .family = 4, .spi = 1000 + (uint32_t)(i % FLOWS)},
            .sequence = (uint32_t)(1 + turn + turn / 2),
            .timestamp_ns = now_ns,
            .wire_bytes = 500,
            .wire_packets = 1,
        };
    }
    tracker_receive(&tracker, records, count, NULL);
    statistics.frames += count;
    statistics.outcomes[OUTCOME_ESP] += count;
}

static uint64_t run(struct store *store, uint64_t gaps_a_second, uint64_t seconds)
{
    uint64_t began_ns = read_clock(CLOCK_MONOTONIC), latest_ns = 0;
    uint64_t records_a_tick = 2 * gaps_a_second * TICK_NS / NS_PER_SECOND;

    for (uint64_t tick = 0; tick < seconds * NS_PER_SECOND / TICK_NS; tick++) {
        uint64_t now_ns, late_ns;

        sleep_until(began_ns + tick * TICK_NS);
        late_ns = read_clock(CLOCK_MONOTONIC) - (began_ns + tick * TICK_NS);
        if (late_ns > latest_ns)
            latest_ns = late_ns;
        receive(tick * records_a_tick, (tick + 1) * records_a_tick);
        now_ns = read_clock(CLOCK_REALTIME);
        if (store_is_due(store, 0, &tracker, now_ns))
            store_collect(store, 0, &tracker, &statistics, now_ns);
    }
    return latest_ns;
}

int main(int argc, char **argv)
{
    struct store_options options = {
        .source = "bench",
        .method = "tc",
        .window = WINDOW_DEFAULT,
        .shards = 1,
        .flush_seconds = STORE_FLUSH_SECONDS,
        .retain_days = STORE_RETAIN_DAYS,
        .max_bytes = STORE_MAX_BYTES,
        .tell = error_print,
    };
    uint64_t latest_ns;
    struct store *store;

    if (argc != 4) {
        fprintf(stderr, "usage: gaps DATABASE GAPS_A_SECOND SECONDS\n");
        return 2;
    }
    options.path = argv[1];
    if (tracker_init(&tracker, WINDOW_DEFAULT, FLOWS) < 0)
        return 1;
    tracker_keep_changes(&tracker);
    store = store_open(&options, &error);
    if (!store) {
        error_print(&error);
        return 1;
    }
    latest_ns = run(store, strtoull(argv[2], NULL, 10), strtoull(argv[3], NULL, 10));
    tracker_finish(&tracker);
    store_finish(store, 0, &tracker, &statistics, read_clock(CLOCK_REALTIME));
    if (store_close(store, &error) < 0) {
        error_print(&error);
        return 1;
    }
    printf("%" PRIu64 " %" PRIu64 " %.6f\n", statistics.frames, tracker_summary(&tracker).gaps,
           (double)latest_ns / (double)NS_PER_SECOND);
    tracker_release(&tracker);
    return 0;
}
