/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the values of the BPF maps are, and the names under which they are pinned. */
#ifndef GAPWATCH_MAPS_H
#define GAPWATCH_MAPS_H

#include "outcome.h"
#include "record.h"

#define PIN_ROOT "/sys/fs/bpf/gapwatch" /* a directory for each interface below it */

/* Runs of missed frames that can be kept at a time. TCP and UDP may take half of them. */
#define MISSED_MAX       65536
#define MISSED_PLAIN_MAX (MISSED_MAX / 2)

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

/* Key of map `missed`. */
struct missed_key {
    struct flow_key flow;
    __u32 association;
    __u32 reserved;
};

_Static_assert(sizeof(struct missed_key) == 48, "no implicit padding");

/* Value of map `missed`: an empty run (no packets) is one that was handed over. */
struct missed_value {
#if defined(__bpf__)
    struct bpf_spin_lock lock;
#else
    __u32 lock;
#endif
    __u32 reserved;
    struct missed_run run;
};

_Static_assert(sizeof(struct missed_value) == 120, "no implicit padding");

/* What the programs share with user space in the map of their global variables. */
struct sensor_state {
    __u64 missed_runs;          /* entries of `missed` that are not empty */
    __u64 missed_plain_entries; /* entries of `missed` of TCP and UDP flows, empty or not */
    __u64 missed_frames;        /* that went to `missed` so far */
    __u64 uncounted_numbered;   /* frames that found no room in `missed` either: of protocols that
                                   number them, */
    __u64 uncounted_plain;      /* and of the others */
    __u64 hardware_timestamps;  /* frames dated by the NIC */
};

#endif
