/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/bpf/counters.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "source/bpf/load.h"

enum open_status sensor_make_counters(struct sensor *sensor, struct error *error)
{
    int processors = libbpf_num_possible_cpus();

    if (processors < 0)
        return sensor_failed(error, "find out the number of processors", -processors);
    sensor->counters = calloc((size_t)processors, sizeof(*sensor->counters));
    return sensor->counters ? OPEN_DONE : sensor_failed(error, "watch the interface", ENOMEM);
}

/* Adds up the counters of all processors. */
static void read_counters(const struct sensor *sensor, struct counter sums[OUTCOME_COUNT])
{
    int processors = libbpf_num_possible_cpus();
    uint32_t only = 0;

    memset(sums, 0, OUTCOME_COUNT * sizeof(*sums));
    if (bpf_map_lookup_elem(bpf_map__fd(sensor->skeleton->maps.counters), &only, sensor->counters) <
        0)
        return;
    for (int cpu = 0; cpu < processors; cpu++) {
        const struct counter *of_cpu = (const struct counter *)&sensor->counters[cpu];

        for (size_t i = 0; i < OUTCOME_COUNT; i++) {
            sums[i].packets += of_cpu[i].packets;
            sums[i].bytes += of_cpu[i].bytes;
        }
    }
}

static int is_behind_other(const struct sensor *sensor)
{
    for (size_t i = 0; i < sensor->port_count; i++)
        if (sensor->ports[i].attachment.state == ATTACHMENT_BEHIND)
            return 1;
    return 0;
}

void sensor_statistics(const void *state, unsigned worker, struct source_statistics *statistics)
{
    const struct sensor *sensor = state;
    const struct sensor_state *shared = &sensor->skeleton->bss->state;
    struct counter sums[OUTCOME_COUNT];

    *statistics = (struct source_statistics){
        .ring_bytes = sensor->rings[worker].bytes,
        .ring_used_bytes = ring_used(&sensor->rings[worker]),
        .is_behind_other = is_behind_other(sensor),
    };
    snprintf(statistics->link_type, sizeof(statistics->link_type), "%s",
             sensor->link == LINK_ETHERNET ? "EN10MB" : "RAW");
    if (worker > 0)
        return; /* the kernel counts for all workers together */
    read_counters(sensor, sums);
    for (size_t i = 0; i < OUTCOME_COUNT; i++) {
        statistics->outcomes[i] = sums[i].packets;
        statistics->frames += sums[i].packets;
        statistics->bytes += sums[i].bytes;
    }
    statistics->sensor_drops =
        shared->missed_frames + shared->uncounted_numbered + shared->uncounted_plain;
}
