/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The values of the BPF maps, and where the maps are pinned. */
#ifndef GAPWATCH_MAPS_H
#define GAPWATCH_MAPS_H

#include "missed.h"
#include "outcome.h"
#include "record.h"

#define PIN_ROOT "/sys/fs/bpf/gapwatch" /* has one directory for each interface */

/* Limits of the map `missed`: flows, TCP and UDP flows among them, and full entries of all flows
 * together. */
#define MISSED_FLOWS_MAX       65536
#define MISSED_PLAIN_FLOWS_MAX (MISSED_FLOWS_MAX / 2)
#define MISSED_FULL_MAX        65536

struct counter {
    __u64 packets;
    __u64 bytes;
};

/* The one value of map `counters`: a counter for each outcome, named so that bpftool prints its
 * name. */
struct counters {
    struct counter none; /* stays zero */
#define ROW(id, name, ...) struct counter name;
    PROTOCOL_TABLE(ROW)
    REASON_TABLE(ROW)
#undef ROW
};

_Static_assert(sizeof(struct counters) == OUTCOME_COUNT * sizeof(struct counter),
               "enum outcome must be a valid index of it");

/*
 * Value of map `missed`. Its key is the flow (all ANs of a channel together), with `reserved` 1 for
 * candidates; of an SA whose peer may move, it is the flow without what may change (missed.h).
 * `frames` is the entry that is being filled. A full entry moves to map `missed_full`, and the next
 * one begins. Entries go to user space in the order of their numbers, this one last.
 */
struct missed_flow {
#if defined(__bpf__)
    struct bpf_spin_lock lock; /* protects all members below */
#else
    __u32 lock;
#endif
    __u16 is_moving; /* the entry is full and about to move: it must not change */
    __u16 turns;     /* how often a frame was of another flow than the one before */
    __u32 oldest;    /* number of the oldest entry in `missed_full` */
    __u32 number;    /* number of the entry in `frames` */
    struct missed_frames frames;
};

_Static_assert(sizeof(struct missed_flow) == 360, "no implicit padding");

/* Key of map `missed_full`. */
struct missed_key {
    struct flow_key flow;
    __u32 number;
};

_Static_assert(sizeof(struct missed_key) == 48, "no implicit padding");

/* Global variables of the BPF programs that user space reads. */
struct sensor_state {
    __u64 missed_waiting;      /* entries in both maps that are not empty */
    __u64 missed_plain_flows;  /* TCP and UDP flows in `missed` */
    __u64 missed_frames;       /* frames added to `missed` so far */
    __u64 uncounted_numbered;  /* frames that did not fit into `missed`, of numbered protocols */
    __u64 uncounted_plain;     /* and of the others */
    __u64 hardware_timestamps; /* frames with a timestamp of the NIC */
    __u64 limited_frames;      /* with a limit: frames so far, including those beyond it */
};

#endif
