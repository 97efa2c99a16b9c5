/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the values of the BPF maps are, and the names under which they are pinned. */
#ifndef GAPWATCH_MAPS_H
#define GAPWATCH_MAPS_H

#include "missed.h"
#include "outcome.h"
#include "record.h"

#define PIN_ROOT "/sys/fs/bpf/gapwatch" /* a directory for each interface below it */

/* Flows of which missed frames can be kept at a time; TCP and UDP may be half of them. And what
 * they can have of full entries, together. */
#define MISSED_FLOWS_MAX       65536
#define MISSED_PLAIN_FLOWS_MAX (MISSED_FLOWS_MAX / 2)
#define MISSED_FULL_MAX        65536

struct counter {
    __u64 packets;
    __u64 bytes;
};

/* The one value of map `counters`, a counter for each outcome of classifying. They have the names
 * of the outcomes, so that bpftool prints them. */
struct counters {
    struct counter none; /* stays zero */
#define ROW(id, name, ...) struct counter name;
    PROTOCOL_TABLE(ROW)
    REASON_TABLE(ROW)
#undef ROW
};

_Static_assert(sizeof(struct counters) == OUTCOME_COUNT * sizeof(struct counter),
               "as an array, it goes by enum outcome");

/*
 * Value of map `missed`, by flow (all associations of it; `reserved` is 1 for candidates): the
 * entry that grows. Once full it moves to the map `missed_full`, and the next one begins. What is
 * handed over: the full ones by rising number, then this one.
 */
struct missed_flow {
#if defined(__bpf__)
    struct bpf_spin_lock lock; /* over all that follows */
#else
    __u32 lock;
#endif
    __u32 is_moving; /* the entry is full and on its way; it changes no more */
    __u32 oldest;    /* number of the oldest full entry */
    __u32 number;    /* of the entry that grows */
    struct missed_frames frames;
};

_Static_assert(sizeof(struct missed_flow) == 352, "no implicit padding");

/* Key of map `missed_full`. */
struct missed_key {
    struct flow_key flow;
    __u32 number;
    __u32 reserved;
};

_Static_assert(sizeof(struct missed_key) == 48, "no implicit padding");

/* What the programs share with user space in the map of their global variables. */
struct sensor_state {
    __u64 missed_waiting;      /* entries that are not empty, of both maps */
    __u64 missed_plain_flows;  /* keys of `missed` that are TCP and UDP flows */
    __u64 missed_frames;       /* that went to `missed` so far */
    __u64 uncounted_numbered;  /* frames that found no room in `missed` either: of protocols that
                                  number them, */
    __u64 uncounted_plain;     /* and of the others */
    __u64 hardware_timestamps; /* frames dated by the NIC */
    __u64 limited_frames;      /* frames so far, those beyond the limit too; 0 without a limit */
};

#endif
