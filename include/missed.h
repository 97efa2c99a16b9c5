/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Frames of one flow that the kernel saw, but for whose records there was no room: what is kept of
 * them, and how it grows frame by frame. The numbers are kept in the order in which they came,
 * run-length coded, and nothing is made of them: user space plays them through the counting as if
 * the frames had had records (track/unobserved.h).
 */
#ifndef GAPWATCH_MISSED_H
#define GAPWATCH_MISSED_H

#include "numbered.h"
#include "record.h"

#define MISSED_RUNS_MAX 32
#define MISSED_RUNS_FEW 4 /* most entries have no more; they take less of the ring */
/* COUNT frames with the numbers from FIRST on, one after the other. */
struct missed_run {
    __u32 first;
    __u32 count_and_association; /* the count in all but the lowest two bits */
};

#define MISSED_ASSOCIATION_BITS 2
#define MISSED_ASSOCIATION_MASK 3u
#define MISSED_COUNT_MAX        (~0u >> MISSED_ASSOCIATION_BITS)

static __always_inline __u32 missed_count(const struct missed_run *run)
{
    return run->count_and_association >> MISSED_ASSOCIATION_BITS;
}

static __always_inline __u8 missed_association(const struct missed_run *run)
{
    return run->count_and_association & MISSED_ASSOCIATION_MASK;
}

struct missed_frames {
    struct flow_key key;
    __u64 packets; /* 0: nothing was missed */
    __u64 bytes;
    __u64 first_ns; /* times are as in the frame header record */
    __u64 last_ns;
    __u32 ports; /* as in the frame header record */
    __u8 flags;  /* enum record_flags */
    __u8 run_count;
    __u16 reserved;
    struct missed_run runs[MISSED_RUNS_MAX]; /* of a protocol that numbers its frames */
};

#define MISSED_BYTES_FEW (sizeof(struct missed_frames) - (MISSED_RUNS_MAX - MISSED_RUNS_FEW) * 8)

_Static_assert(sizeof(struct missed_frames) == 336, "no implicit padding");
_Static_assert(MISSED_BYTES_FEW != sizeof(struct frame_record), "the ring tells them by size");

/* Makes MISSED that of no frame, of the flow of RECORD. */
static __always_inline void missed_clear(struct missed_frames *missed,
                                         const struct frame_record *record)
{
    missed->key = record->key;
    missed->packets = 0;
    missed->bytes = 0;
    missed->ports = 0;
    missed->flags = 0;
    missed->run_count = 0;
    missed->reserved = 0;
}

/* Whether the numbers of RECORD, COUNT of them, go on from the last run of MISSED. */
static __always_inline int missed_goes_on(const struct missed_frames *missed,
                                          const struct frame_record *record, __u32 count)
{
    const struct missed_run *last;

    if (!missed->run_count || missed->run_count > MISSED_RUNS_MAX)
        return 0;
    last = &missed->runs[missed->run_count - 1];
    return missed_association(last) == record->association &&
           record->sequence == last->first + missed_count(last) &&
           missed_count(last) + count <= MISSED_COUNT_MAX;
}

/* Adds COUNT numbers. Returns 0, or -1: there is no room. */
static __always_inline int missed_add_numbers(struct missed_frames *missed,
                                              const struct frame_record *record, __u32 count)
{
    __u32 at = missed->run_count;
    struct missed_run *last;

    if (missed_goes_on(missed, record, count)) {
        last = &missed->runs[(at - 1) % MISSED_RUNS_MAX];
        last->count_and_association += count << MISSED_ASSOCIATION_BITS;
        return 0;
    }
    if (at >= MISSED_RUNS_MAX)
        return -1;
    last = &missed->runs[at];
    last->first = record->sequence;
    last->count_and_association =
        count << MISSED_ASSOCIATION_BITS | (record->association & MISSED_ASSOCIATION_MASK);
    missed->run_count = (__u8)(at + 1);
    return 0;
}

/* Adds the frame of RECORD to MISSED, which is of its flow. Returns 0, or -1: there is no room. */
static __always_inline int missed_add(struct missed_frames *missed,
                                      const struct frame_record *record)
{
    if (is_numbered(&record->key) && missed_add_numbers(missed, record, numbers_of(record)) < 0)
        return -1;
    if (!missed->packets) {
        missed->first_ns = record->timestamp_ns;
        missed->flags = record->flags;
        missed->ports = record->flags & RECORD_CANDIDATE ? record->ports : 0;
    }
    missed->last_ns = record->timestamp_ns;
    missed->packets += record->wire_packets;
    missed->bytes += record->wire_bytes;
    missed->flags |= record->flags & RECORD_MERGED;
    return 0;
}

#endif
