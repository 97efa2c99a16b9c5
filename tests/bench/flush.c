// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * A flush of changed flows, as the program does it: from the tracker to the end of the transaction.
 *
 *   flush DATABASE FLOWS ROUNDS
 *
 * Prints "COLLECT WRITE", the seconds of each round except the first, which inserts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/units.h"
#include "store/writer/writer.h"
#include "track/tracker.h"

#define START_NS      (UINT64_C(1735689600) * NS_PER_SECOND)
#define FRAMES_A_FLOW 4
#define FLOWS_MAX     1000000
#define LOSS_ONE_IN   100

static struct tracker tracker;
static struct error error;

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static uint64_t clock_of_the_frames(void)
{
    return START_NS;
}

static void fail(void)
{
    error_print(&error);
    exit(1);
}

/* Some frames of every flow in random order. In one flow of a hundred, one is missing. */
static void receive(unsigned round, unsigned flows)
{
    static unsigned sent[FLOWS_MAX];

    for (unsigned i = 0; i < FRAMES_A_FLOW * flows; i++) {
        unsigned flow = (unsigned)((uint64_t)i * 2654435761u % flows);
        struct frame_record record;

        sent[flow] += flow % LOSS_ONE_IN == round && i / flows == FRAMES_A_FLOW / 2;
        record = (struct frame_record){
            .key = {.protocol = OUTCOME_MACSEC,
                    .sci = (uint64_t)flow * UINT64_C(0x9e3779b97f4a7c15)},
            .sequence = ++sent[flow],
            .timestamp_ns = START_NS + (uint64_t)round * 5 * NS_PER_SECOND + (uint64_t)i * 10007,
            .wire_bytes = 64 + (uint32_t)random() % 1400,
            .wire_packets = 1,
        };

        tracker_receive(&tracker, &record, 1, NULL);
    }
}

/* A large set of changes comes in parts. */
static void flush(struct writer *writer, unsigned round)
{
    struct store_batch batch = {
        .interval = {.start_ns = START_NS + (uint64_t)round * 5 * NS_PER_SECOND}};
    double collect_s = 0, write_s = 0;
    struct left_out left_out;

    batch.interval.end_ns = batch.interval.start_ns + 5 * NS_PER_SECOND;
    do {
        double began = now();

        change_log_collect(&tracker.changes, &batch.changes);
        collect_s += now() - began;
        began = now();
        if (writer_write(writer, &batch, &left_out, &error) < 0)
            fail();
        write_s += now() - began;
        changes_release(&batch.changes);
    } while (tracker.changes.table->flows.count &&
             flow_table_used_since_mark(tracker.changes.table) != POOL_NONE);
    if (round)
        printf("%.6f %.6f\n", collect_s, write_s);
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
        .clock = clock_of_the_frames,
        .tell = error_print,
    };
    struct writer writer;
    unsigned flows, rounds;

    if (argc != 4) {
        fprintf(stderr, "usage: flush DATABASE FLOWS ROUNDS\n");
        return 2;
    }
    options.path = argv[1];
    flows = (unsigned)atoi(argv[2]);
    rounds = (unsigned)atoi(argv[3]);
    if (!flows || flows > FLOWS_MAX || tracker_init(&tracker, WINDOW_DEFAULT, flows) < 0)
        return 1;
    tracker_keep_changes(&tracker);
    if (writer_open(&writer, &options, &error) < 0)
        fail();
    for (unsigned round = 0; round <= rounds; round++) {
        receive(round, flows);
        flush(&writer, round);
    }
    writer_release(&writer);
    tracker_release(&tracker);
    return 0;
}
