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
#define TEST_FRAME_BYTES   14 /* the least that a test run takes */

static struct sensor_state *state_of(const struct sensor *sensor)
{
    return &sensor->skeleton->bss->state;
}

int missed_hand_over(struct sensor *sensor)
{
    unsigned char frame[TEST_FRAME_BYTES] = {0};
    LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = sizeof(frame),
                .repeat = 1);

    if (!__atomic_load_n(&state_of(sensor)->missed_waiting, __ATOMIC_RELAXED))
        return 0;
    return bpf_prog_test_run_opts(bpf_program__fd(sensor->skeleton->progs.gapwatch_hand_over),
                                  &options) == 0;
}

/* Whether nothing of the flow KEY has been missed for a while. */
static int is_stale(int map, const struct flow_key *key, uint64_t now_ns)
{
    struct missed_flow flow;

    return bpf_map_lookup_elem_flags(map, key, &flow, BPF_F_LOCK) == 0 && !flow.frames.packets &&
           flow.oldest == flow.number && flow.frames.last_ns + EMPTY_FOR_NS < now_ns;
}

/*
 * Removes what is stale. A program that looks it up in the same moment would count into nothing;
 * but it does so only when the ring is full, and this only runs when most of it is free.
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

void missed_look_after(struct sensor *sensor, int is_drained)
{
    uint64_t now_ns = sensor->rings[0].filled_ns;

    if (!__atomic_load_n(&state_of(sensor)->missed_frames, __ATOMIC_RELAXED) || !is_drained)
        return;
    if (now_ns - sensor->handed_over_ns >= HAND_OVER_EVERY_NS) {
        missed_hand_over(sensor);
        sensor->handed_over_ns = now_ns;
    }
    if (now_ns - sensor->swept_ns >= SWEEP_EVERY_NS &&
        ring_used(&sensor->rings[0]) < sensor->rings[0].bytes / 4) {
        sweep(sensor, now_ns);
        sensor->swept_ns = now_ns;
    }
}
