/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Any stream of records through a small tracker. Whatever the numbers, what was counted must add
 * up: no more numbers can be lost than lie between those that arrived.
 */
#include <stdlib.h>
#include <string.h>

#include "track/tracker.h"

#define WINDOWS 4

struct step {
    uint8_t flow_and_association;
    uint8_t kind; /* small step, any number, or back */
    uint16_t value;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t next_number(uint32_t last, const struct step *step)
{
    switch (step->kind % 4) {
    case 0:
        return last + 1;
    case 1:
        return last + step->value % 64;
    case 2:
        return last - step->value % 64;
    default:
        return (uint32_t)step->value << 16 | step->value;
    }
}

static void check_flow(const struct flow *flow)
{
    const struct sequence_figures *figures = &flow->figures;
    uint64_t not_distinct = figures->duplicates + figures->late + figures->outliers;

    if (not_distinct + figures->reordered > flow->packets || figures->gaps > figures->lost)
        abort();
    if (figures->gaps && (!figures->min_gap || figures->min_gap > figures->max_gap))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint32_t windows[WINDOWS] = {1, 32, 65, 4096};
    struct tracker tracker;
    struct step step;
    uint32_t last[4] = {0};
    uint64_t sent = 0;

    if (!size || tracker_init(&tracker, windows[data[0] % WINDOWS], 3) < 0)
        return 0;
    for (size_t at = 1; at + sizeof(step) <= size; at += sizeof(step)) {
        struct frame_record record = {.wire_packets = 1, .wire_bytes = 100};

        memcpy(&step, data + at, sizeof(step));
        record.key.protocol = OUTCOME_MACSEC;
        record.key.sci = step.flow_and_association % 4; /* one more than the table holds */
        record.association = step.flow_and_association >> 6;
        last[record.key.sci] = next_number(last[record.key.sci], &step);
        record.sequence = last[record.key.sci];
        record.timestamp_ns = ++sent;
        tracker_receive(&tracker, &record, 1, NULL);
    }
    tracker_finish(&tracker);
    if (tracker_summary(&tracker).packets != sent || tracker.sequencer.runs.count)
        abort();
    for (uint32_t i = flow_table_oldest(&tracker.table); i != POOL_NONE;
         i = flow_table_newer(&tracker.table, i))
        check_flow(flow_table_at(&tracker.table, i));
    tracker_release(&tracker);
    return 0;
}
