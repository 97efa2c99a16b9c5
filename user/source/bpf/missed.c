/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/bpf/missed.h"

#include <bpf/bpf.h>

#include "base/units.h"
#include "numbered.h"
#include "source/bpf/sensor.h"

#define HAND_OVER_EVERY_NS 50000000
#define SWEEP_EVERY_NS     NS_PER_SECOND
#define SWEEP_ENTRIES      4096
#define EMPTY_FOR_NS       (10 * NS_PER_SECOND)
#define TEST_FRAME_BYTES   14 /* a test run takes no shorter frame */

static struct sensor_state *state_of(const struct sensor *sensor)
{
    return &sensor->skeleton->bss->state;
}

void missed_hand_over(struct sensor *sensor)
{
    unsigned char frame[TEST_FRAME_BYTES] = {0};
    LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = sizeof(frame),
                .repeat = 1);

    if (!__atomic_load_n(&state_of(sensor)->missed_waiting, __ATOMIC_RELAXED))
        return;
    bpf_prog_test_run_opts(bpf_program__fd(sensor->skeleton->progs.gapwatch_hand_over), &options);
}

/* Whether the flow KEY has had no missed frames for a while. */
static int is_stale(int map, const struct flow_key *key, uint64_t now_ns)
{
    struct missed_flow flow;

    return bpf_map_lookup_elem_flags(map, key, &flow, BPF_F_LOCK) == 0 && !flow.frames.packets &&
           flow.oldest == flow.number && flow.frames.last_ns + EMPTY_FOR_NS < now_ns;
}

/*
 * Removes stale entries. A program that holds an entry while it is removed would lose its count,
 * but programs use the map only when the ring is full, and this runs only when most of it is free.
 */
static void sweep(struct sensor *sensor, uint64_t now_ns)
{
    int map = bpf_map__fd(sensor->skeleton->maps.missed);
    struct flow_key key, next;
    int status = bpf_map_get_next_key(map, NULL, &next);

    for (int i = 0; i < SWEEP_ENTRIES && status == 0; i++) {
        key = next;
        status = bpf_map_get_next_key(map, &key, &next);
        if (!is_stale(map, &key, now_ns) || bpf_map_delete_elem(map, &key) < 0)
            continue;
        if (!is_numbered(&key))
            __atomic_fetch_sub(&state_of(sensor)->missed_plain_flows, 1, __ATOMIC_RELAXED);
    }
}

/* Whether all rings are mostly free: an entry may belong to any worker. */
static int all_rings_have_room(const struct sensor *sensor)
{
    for (unsigned i = 0; i < sensor->options.workers; i++)
        if (ring_used(&sensor->rings[i]) >= sensor->rings[i].bytes / 4)
            return 0;
    return 1;
}

void missed_look_after(struct sensor *sensor, unsigned worker)
{
    struct ring *ring = &sensor->rings[worker];
    uint64_t now_ns = ring->filled_ns;

    if (!__atomic_load_n(&state_of(sensor)->missed_frames, __ATOMIC_RELAXED) || !ring->is_drained)
        return;
    if (now_ns - ring->handed_over_ns >= HAND_OVER_EVERY_NS) {
        missed_hand_over(sensor);
        ring->handed_over_ns = now_ns;
    }
    if (worker == 0 && now_ns - sensor->swept_ns >= SWEEP_EVERY_NS && all_rings_have_room(sensor)) {
        sweep(sensor, now_ns);
        sensor->swept_ns = now_ns;
    }
}
