/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * How a missed run (record.h) grows, frame by frame. In the kernel this happens where there was no
 * room for a record, so it keeps exactly what the tracker needs to go on as if it had seen the
 * frames itself: which numbers came at the start and at the end of the run, where others may have
 * overtaken, and how many are missing in between.
 *
 *   first_sequence                                      last_sequence
 *      | head: 64 numbers | how many did not come: lost | tail: 64 numbers |
 */
#ifndef GAPWATCH_MISSED_H
#define GAPWATCH_MISSED_H

#include "numbered.h"
#include "record.h"

/* Numbers of head and tail. One this far from the last, or further, is believed when the next frame
 * goes on from it: one frame must not invent a loss. */
#define MISSED_EDGE 64

/* The first COUNT bits of a head or tail. */
#define MISSED_BITS(count) ((count) < MISSED_EDGE ? (1ull << (count)) - 1 : ~0ull)

/* COUNT numbers from NUMBER on came. A sender that began anew is no longer at the start. */
static __always_inline void missed_set_head(struct missed_run *run, __u32 number, __u32 count)
{
    __u32 from = number - run->first_sequence;

    if (from < MISSED_EDGE && !run->restarts)
        run->head |= MISSED_BITS(count) << from;
}

/* NUMBER came, DISTANCE (at least 1, below MISSED_EDGE) beyond the last. */
static __always_inline void missed_advance(struct missed_run *run, __u32 number, __u32 distance)
{
    run->lost += distance - 1;
    run->tail = run->tail << distance | 1;
    run->last_sequence = number;
    missed_set_head(run, number, 1);
}

/* NUMBER came, DISTANCE (below MISSED_EDGE) behind the last: late, twice, or before the run's
 * first. */
static __always_inline void missed_take_below(struct missed_run *run, __u32 number, __u32 distance)
{
    __u32 before = run->first_sequence - number;

    if (run->tail & 1ull << distance)
        return;
    run->tail |= 1ull << distance;
    if (before - 1 < MISSED_EDGE - 1 && !run->restarts) {
        run->first_sequence = number;
        run->head = run->head << before | 1;
        run->lost += before - 1;
        return;
    }
    if (run->lost)
        run->lost--;
    missed_set_head(run, number, 1);
}

/* NUMBER is far from all others. When it goes on from such a one before it, the sender jumped
 * there, or began anew. */
static __always_inline void missed_jump(struct missed_run *run, __u32 number)
{
    __u32 distance = number - run->jumped;
    __s32 jump = (__s32)(run->jumped - run->last_sequence);

    if (!run->has_jumped || distance - 1 >= MISSED_EDGE - 1) {
        run->jumped = number;
        run->has_jumped = 1;
        return;
    }
    if (jump > 0) {
        run->lost += (__u32)jump - 1;
        run->tail = 1;
    } else {
        run->restarts = 1;
        run->tail = ~0ull; /* what is behind it belongs to the numbers before */
    }
    run->has_jumped = 0;
    missed_advance(run, number, distance);
}

static __always_inline void missed_take(struct missed_run *run, __u32 number)
{
    __u32 ahead = number - run->last_sequence;

    if (ahead >= MISSED_EDGE && -ahead >= MISSED_EDGE) {
        missed_jump(run, number);
        return;
    }
    run->has_jumped = 0;
    if (ahead - 1 < MISSED_EDGE - 1)
        missed_advance(run, number, ahead);
    else
        missed_take_below(run, number, -ahead);
}

/* COUNT more numbers behind the last came with it: its frame was a merged one (GRO). */
static __always_inline void missed_take_merged(struct missed_run *run, __u32 count)
{
    missed_set_head(run, run->last_sequence + 1, count);
    run->tail = count < MISSED_EDGE ? run->tail << count | MISSED_BITS(count) : ~0ull;
    run->last_sequence += count;
}

/* Makes RUN, whose key and association are set, the run of the frame of RECORD alone. */
static __always_inline void missed_begin(struct missed_run *run, const struct frame_record *record)
{
    run->packets = record->wire_packets;
    run->bytes = record->wire_bytes;
    run->first_ns = record->timestamp_ns;
    run->last_ns = record->timestamp_ns;
    run->lost = 0;
    run->head = MISSED_BITS(record->wire_packets);
    run->tail = run->head;
    run->first_sequence = record->sequence;
    run->last_sequence = record->sequence + record->wire_packets - 1;
    run->has_jumped = 0;
    run->flags = record->flags;
    run->restarts = 0;
}

/* Adds the frame of RECORD to RUN. */
static __always_inline void missed_extend(struct missed_run *run, const struct frame_record *record)
{
    __u32 merged = record->wire_packets - 1u;

    run->packets += record->wire_packets;
    run->bytes += record->wire_bytes;
    run->last_ns = record->timestamp_ns;
    if (!is_numbered(&record->key))
        return;
    missed_take(run, record->sequence);
    if (!merged)
        return;
    missed_take(run, record->sequence + 1); /* which also confirms a jump */
    if (merged > 1 && run->last_sequence == record->sequence + 1)
        missed_take_merged(run, merged - 1);
}

#endif
