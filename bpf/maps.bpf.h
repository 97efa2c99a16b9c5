/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The maps of the sensor, and the constants that are set before it is loaded. */
#ifndef GAPWATCH_BPF_MAPS_H
#define GAPWATCH_BPF_MAPS_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "classify/classify.h"
#include "classify/segments.h"
#include "maps.h"
#include "selection.h"

#define RING_BYTES_DEFAULT (32 * 1024 * 1024) /* --buffer changes it */
#define WORKERS_MAX        64

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct counters);
} counters SEC(".maps");

/*
 * Where a frame is classified. The verifier does not track values in map memory (cursor.h), and
 * passing a pointer here avoids the call of a global function, which takes 6 ns where returns are
 * hardened against speculation. One for each processor is enough: the programs run with softirqs
 * disabled, so no two of them interleave on one processor.
 */
struct scratch {
    struct walk walk;
    struct frame_record record;
    struct frame_record run; /* consecutive segments of a merged frame */
    struct segment segment;  /* the one being read */
    __u8 header[16];         /* of a further record in a datagram; not on the stack, where the
                                verifier wants numbers to be aligned */
};

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct scratch);
} scratch SEC(".maps");

/* Frame header records and missed frames, told apart by their size. This is the first worker's
 * ring. */
struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, RING_BYTES_DEFAULT);
} events SEC(".maps");

/* The rings of all workers, if there are several. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
    __uint(max_entries, WORKERS_MAX);
    __type(key, __u32);
    __array(
        values, struct {
            __uint(type, BPF_MAP_TYPE_RINGBUF);
            __uint(max_entries, RING_BYTES_DEFAULT);
        });
} worker_events SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, MISSED_FLOWS_MAX);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, struct flow_key);
    __type(value, struct missed_flow);
} missed SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, MISSED_FULL_MAX);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, struct missed_key);
    __type(value, struct missed_frames);
} missed_full SEC(".maps");

/* Where a new value for `missed` is prepared: the value is too large for the stack. It is declared
 * as plain octets because a spin lock may lie only in the map that it protects. */
struct missed_new {
    __u64 octets[sizeof(struct missed_flow) / 8];
};

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct missed_new);
} missed_new SEC(".maps");

/* Set before the programs are loaded. */
const volatile struct classifier classifier = {.tunnels = TUNNELS_ALL, .protocols = PROTOCOLS_ALL};
const volatile __u32 workers = 1;
const volatile __u64 ring_bytes = RING_BYTES_DEFAULT;
const volatile __u64 max_frames = 0; /* later frames are ignored; 0: no limit */

struct sensor_state state;

#endif
