/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Any stream of records through a small tracker: frames, missed frames, and the other events of a
 * live source. Whatever the numbers, the counts must be consistent: no more numbers can be lost
 * than lie between those that arrived.
 */
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "missed.h"
#include "track/flows/timing.h"
#include "track/tracker.h"

#define WINDOWS   4
#define MAX_FLOWS 3 /* less than the input has */

/* In the first octet of a step. */
#define OF_A_PEER 0x10
#define OF_ESP    0x20

#define MISSED_FRAMES_MAX 400 /* more than one entry has room for */

/* One step can lose the numbers before its first one, and those between its first and last. */
#define LOST_PER_STEP (UINT64_C(1) << 33)

struct step {
    uint8_t flow_and_association;
    uint8_t kind; /* lower half: enum step_kind; upper half: how the next number is chosen */
    uint16_t value;
};

enum step_kind {
    STEP_FRAME, /* also any other value */
    STEP_MISSED,
    STEP_MISSED_WITH_RESTART,
    STEP_BLIND,
    STEP_CLOCK,
    STEP_IDLE,
};

struct fuzz {
    struct tracker tracker;
    uint32_t last[MAX_FLOWS + 1]; /* number of each flow */
    uint64_t now_ns;
    uint64_t steps;
    uint64_t packets;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t next_number(uint32_t last, const struct step *step)
{
    switch (step->kind >> 4) {
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

/* One of two receivers of WireGuard, whose peer sends from one of two addresses. */
static struct flow_key key_of_peer(unsigned receiver, unsigned address)
{
    struct flow_key key = {.protocol = OUTCOME_WIREGUARD, .family = 4};

    key.identifier = 0x1000 + receiver;
    key.source[0] = (uint8_t)(1 + address);
    key.destination[0] = 9;
    return key;
}

static unsigned flow_of(const struct step *step)
{
    return step->flow_and_association % (MAX_FLOWS + 1);
}

/* The last number of the sender of STEP. A peer goes on with its numbers at its other address. */
static uint32_t *last_of(struct fuzz *fuzz, const struct step *step)
{
    return &fuzz->last[step->flow_and_association & OF_A_PEER ? flow_of(step) & 1 : flow_of(step)];
}

static struct frame_record record_of(struct fuzz *fuzz, const struct step *step)
{
    struct frame_record record = {.wire_packets = 1, .wire_bytes = 100};

    record.key.protocol = OUTCOME_MACSEC;
    record.key.sci = flow_of(step);
    record.association = step->flow_and_association >> 6;
    record.timestamp_ns = fuzz->now_ns;
    record.sequence = next_number(*last_of(fuzz, step), step);
    *last_of(fuzz, step) = record.sequence;
    if (step->flow_and_association & OF_A_PEER) {
        record.key = key_of_peer(flow_of(step) & 1, flow_of(step) >> 1);
        record.association = 0;
    } else if (step->flow_and_association & OF_ESP) { /* may be ESP */
        record.key.protocol = OUTCOME_ESP;
        record.association = 0;
        record.flags = RECORD_CANDIDATE;
        record.ports = step->value % 3;
    }
    return record;
}

static void receive_frame(struct fuzz *fuzz, const struct step *step)
{
    struct frame_record record = record_of(fuzz, step);

    record.wire_packets = (uint16_t)(1 + step->value % 3);
    tracker_receive(&fuzz->tracker, &record, 1, NULL);
    fuzz->packets += record.wire_packets;
}

/* Tracks VALUE missed frames, or as many as there is room for. */
static void receive_missed(struct fuzz *fuzz, const struct step *step, int has_restart)
{
    struct frame_record record = record_of(fuzz, step);
    struct missed_frames missed;

    missed_clear(&missed, &record);
    missed_add(&missed, &record);
    for (uint32_t i = 0; i < step->value % MISSED_FRAMES_MAX; i++) {
        record.timestamp_ns++;
        record.sequence += i * step->value % 7 - 1; /* some missing, some late, some duplicates */
        if (has_restart && i == MISSED_FRAMES_MAX / 2)
            record.sequence = 0;
        missed_add(&missed, &record);
    }
    record.flags |= RECORD_MISSED;
    record.missed = 0;
    tracker_receive(&fuzz->tracker, &record, 1, &missed);
    *last_of(fuzz, step) = record.sequence;
    fuzz->now_ns = missed.last_ns;
    fuzz->packets += missed.packets;
}

static void set_clock(struct fuzz *fuzz, const struct step *step)
{
    int64_t step_ns = (int16_t)step->value;

    tracker_shift_time(&fuzz->tracker, step_ns);
    fuzz->now_ns = shift_time(fuzz->now_ns, step_ns);
}

static void take_step(struct fuzz *fuzz, const struct step *step)
{
    fuzz->now_ns++;
    fuzz->steps++;
    switch (step->kind & 0xF) {
    case STEP_MISSED:
        receive_missed(fuzz, step, 0);
        break;
    case STEP_MISSED_WITH_RESTART:
        receive_missed(fuzz, step, 1);
        break;
    case STEP_BLIND:
        tracker_note_drops(&fuzz->tracker, fuzz->now_ns, fuzz->now_ns + step->value % 16);
        break;
    case STEP_CLOCK:
        set_clock(fuzz, step);
        break;
    case STEP_IDLE:
        tracker_expire_idle(&fuzz->tracker, shift_time(fuzz->now_ns, -(int64_t)step->value));
        break;
    default:
        receive_frame(fuzz, step);
    }
}

/* No interval is further from the mean than the length of the longest. */
static void check_timing(const struct timing *timing, uint64_t intervals)
{
    if (intervals && timing_deviation(timing, intervals) > (double)timing->max_ns)
        abort();
}

static void check_flow(const struct sequencer *sequencer, const struct flow *flow)
{
    struct sequence_figures figures = flow_figures(sequencer, flow);
    uint64_t not_distinct = figures.duplicates + figures.late + flow->outliers;

    if (not_distinct > flow->packets ||
        figures.gaps > figures.lost[CAUSE_NETWORK] + figures.lost[CAUSE_UNDETERMINED])
        abort();
    if (figures.gaps && (!figures.min_gap || figures.min_gap > figures.max_gap))
        abort();
    if (flow->unobserved > flow->packets)
        abort();
    check_timing(&flow->timing, flow->packets - 1);
}

static void check(const struct fuzz *fuzz)
{
    const struct tracker *tracker = &fuzz->tracker;
    struct summary summary = tracker_summary(tracker);

    if (summary.packets != fuzz->packets || tracker->sequencer.runs.count)
        abort();
    if (summary_lost(&summary) > fuzz->steps * LOST_PER_STEP ||
        summary.unobserved > summary.packets)
        abort();
    for (uint32_t i = flow_table_oldest(&tracker->table); i != POOL_NONE;
         i = flow_table_newer(&tracker->table, i))
        check_flow(&tracker->sequencer, flow_table_at(&tracker->table, i));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint32_t windows[WINDOWS] = {1, 32, 65, 4096};
    struct fuzz fuzz = {.now_ns = NS_PER_SECOND};

    if (!size || tracker_init(&fuzz.tracker, windows[data[0] % WINDOWS], MAX_FLOWS) < 0)
        return 0;
    for (size_t at = 1; at + sizeof(struct step) <= size; at += sizeof(struct step)) {
        struct step step;

        memcpy(&step, data + at, sizeof(step));
        take_step(&fuzz, &step);
    }
    tracker_finish(&fuzz.tracker);
    check(&fuzz);
    tracker_release(&fuzz.tracker);
    return 0;
}
