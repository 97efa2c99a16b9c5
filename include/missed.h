/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Frames that the kernel saw but had no room in the ring for. Their numbers are kept in the order
 * of arrival, run-length coded, and are not interpreted: user space counts them as if each frame
 * had had a record (track/unobserved.h). An entry has frames of one flow; the entries of a flow
 * have an order, and so have those of all flows to which the peer of an SA may move.
 */
#ifndef GAPWATCH_MISSED_H
#define GAPWATCH_MISSED_H

#include "numbered.h"
#include "record.h"

#define MISSED_RUNS_MAX 32
#define MISSED_RUNS_FEW 4 /* enough for most entries, which then take less of the ring */

/* Some frames with consecutive numbers. FIRST is the low half of the first one's: the upper half is
 * the same for all numbers of an entry. */
struct missed_numbers {
    __u32 first;
    __u32 count_and_association; /* the lowest octet is the association */
};

#define MISSED_ASSOCIATION_BITS 8
#define MISSED_ASSOCIATION_MASK 0xFFu
#define MISSED_COUNT_MAX        (~0u >> MISSED_ASSOCIATION_BITS)

/* The number of frames in RUN. */
static __always_inline __u32 missed_count(const struct missed_numbers *run)
{
    return run->count_and_association >> MISSED_ASSOCIATION_BITS;
}

/* The association of the frames in RUN. */
static __always_inline __u8 missed_association(const struct missed_numbers *run)
{
    return run->count_and_association & MISSED_ASSOCIATION_MASK;
}

struct missed_frames {
    struct flow_key key;
    __u32 ports;   /* as in the frame header record */
    __u64 packets; /* 0: the entry is empty */
    __u64 bytes;
    __u64 first_ns; /* times are those of frame header records */
    __u64 last_ns;
    __u32 upper; /* the upper half of all numbers */
    __u8 flags;  /* enum record_flags */
    __u8 run_count;
    __u16 reserved;
    struct missed_numbers runs[MISSED_RUNS_MAX]; /* empty for protocols without sequence numbers */
};

#define MISSED_BYTES_FEW (sizeof(struct missed_frames) - (MISSED_RUNS_MAX - MISSED_RUNS_FEW) * 8)

_Static_assert(sizeof(struct missed_frames) == 344, "no implicit padding");
_Static_assert(MISSED_BYTES_FEW != sizeof(struct frame_record),
               "the reader of the ring tells them apart by size");

/* Makes KEY the name of its SA: leaves out what may change when a peer moves, which is the source,
 * and of WireGuard, whose index is picked at random, any address. */
static __always_inline void missed_leave_out(struct flow_key *key)
{
    __builtin_memset(key->source, 0, sizeof(key->source));
    key->source_port = 0;
    if (key->protocol == OUTCOME_WIREGUARD)
        __builtin_memset(key->destination, 0, sizeof(key->destination));
}

/* Whether the 16 octets at A and B differ. */
static __always_inline int missed_differ(const __u8 *a, const __u8 *b)
{
    __u32 first[4], second[4];

    __builtin_memcpy(first, a, sizeof(first));
    __builtin_memcpy(second, b, sizeof(second));
    return ((first[0] ^ second[0]) | (first[1] ^ second[1]) | (first[2] ^ second[2]) |
            (first[3] ^ second[3])) != 0;
}

/* Whether the frames of MISSED are of the flow KEY, which has the same name. */
static __always_inline int missed_is_of(const struct missed_frames *missed,
                                        const struct flow_key *key)
{
    return missed->key.ports == key->ports && !missed_differ(missed->key.source, key->source) &&
           !missed_differ(missed->key.destination, key->destination);
}

/* Makes MISSED an empty entry for the flow of RECORD. */
static __always_inline void missed_clear(struct missed_frames *missed,
                                         const struct frame_record *record)
{
    missed->key = record->key;
    missed->packets = 0;
    missed->bytes = 0;
    missed->ports = 0;
    missed->upper = 0;
    missed->flags = 0;
    missed->run_count = 0;
    missed->reserved = 0;
}

/* Run AT of MISSED. AT is below MISSED_RUNS_MAX; the remainder proves that to the verifier. */
static __always_inline struct missed_numbers *missed_numbers_at(struct missed_frames *missed,
                                                                __u32 at)
{
    FORGET(at);
    return &missed->runs[at % MISSED_RUNS_MAX];
}

/* Whether RECORD, which stands for COUNT numbers, continues the last run of MISSED. */
static __always_inline int missed_goes_on(struct missed_frames *missed,
                                          const struct frame_record *record, __u32 count)
{
    const struct missed_numbers *last;

    if (!missed->run_count)
        return 0;
    last = missed_numbers_at(missed, missed->run_count - 1u);
    return missed_association(last) == record->association &&
           (__u32)record->sequence == last->first + missed_count(last) &&
           missed_count(last) + count <= MISSED_COUNT_MAX;
}

/* Adds the COUNT numbers of RECORD. Returns 0, or -1 when they do not fit. */
static __always_inline int missed_add_numbers(struct missed_frames *missed,
                                              const struct frame_record *record, __u32 count)
{
    __u32 at = missed->run_count;
    struct missed_numbers *last;

    if (at && missed->upper != (__u32)(record->sequence >> 32))
        return -1;
    if (missed_goes_on(missed, record, count)) {
        last = missed_numbers_at(missed, at - 1);
        last->count_and_association += count << MISSED_ASSOCIATION_BITS;
        return 0;
    }
    if (at >= MISSED_RUNS_MAX)
        return -1;
    last = missed_numbers_at(missed, at);
    missed->upper = (__u32)(record->sequence >> 32);
    last->first = (__u32)record->sequence;
    last->count_and_association =
        count << MISSED_ASSOCIATION_BITS | (record->association & MISSED_ASSOCIATION_MASK);
    missed->run_count = (__u8)(at + 1);
    return 0;
}

/* Adds the frame of RECORD to MISSED. Returns 0, or -1 when MISSED is full, or has frames of
 * another flow. */
static __always_inline int missed_add(struct missed_frames *missed,
                                      const struct frame_record *record)
{
    if (missed->packets && !missed_is_of(missed, &record->key))
        return -1;
    if (is_numbered(&record->key) && missed_add_numbers(missed, record, numbers_of(record)) < 0)
        return -1;
    if (!missed->packets) {
        missed->key = record->key;
        missed->first_ns = record->timestamp_ns;
        missed->flags = record->flags;
        missed->ports = record->flags & RECORD_CANDIDATE ? record->ports : 0;
    }
    missed->last_ns = record->timestamp_ns;
    missed->packets += record->wire_packets ? record->wire_packets : 1;
    missed->bytes += record->wire_bytes;
    missed->flags |= record->flags & RECORD_MERGED;
    return 0;
}

#endif
