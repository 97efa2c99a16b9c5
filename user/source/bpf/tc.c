/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The tc method: a classifier program at the traffic control hooks, for incoming and outgoing
 * frames. TCX where the kernel has it: a link that dies with the process. Elsewhere clsact, whose
 * filters outlive it: a guardian process removes them (clsact.h).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "source/bpf/sensor.h"

/* Not in the kernel headers that libbpf 1.1 comes with. */
#define ATTACH_TCX_INGRESS 46
#define ATTACH_TCX_EGRESS  47

static enum open_status tc_choose(struct sensor *sensor, struct error *error)
{
    if (sensor->options.timestamp == TIMESTAMP_HARDWARE) {
        error_set(error, "--timestamp hw needs the method xdp, af_packet or pcap");
        return OPEN_BAD_FILTER;
    }
    bpf_program__set_autoload(sensor->skeleton->progs.gapwatch_xdp, false);
    return OPEN_DONE;
}

static int attach_tcx(struct sensor *sensor, int where, int attach_type)
{
    int program = bpf_program__fd(sensor->skeleton->progs.gapwatch_tc);

    sensor->links[where] =
        bpf_link_create(program, (int)sensor->watch.index, (enum bpf_attach_type)attach_type, NULL);
    return sensor->links[where] < 0 ? -errno : 0;
}

static void tc_detach(struct sensor *sensor)
{
    for (int i = 0; i < SENSOR_LINKS; i++) {
        if (sensor->links[i] < 0)
            continue;
        bpf_link_detach(sensor->links[i]);
        close(sensor->links[i]);
        sensor->links[i] = -1;
    }
}

/* On loopback every frame goes out and comes in: once is enough. */
static int wants(const struct sensor *sensor, enum direction direction)
{
    if (sensor->is_loopback)
        return direction == DIRECTION_IN;
    return sensor->options.direction == DIRECTION_BOTH || sensor->options.direction == direction;
}

static int tc_attach(struct sensor *sensor, struct error *error)
{
    int status = 0;

    if (wants(sensor, DIRECTION_IN))
        status = attach_tcx(sensor, 0, ATTACH_TCX_INGRESS);
    if (status == 0 && wants(sensor, DIRECTION_OUT))
        status = attach_tcx(sensor, 1, ATTACH_TCX_EGRESS);
    snprintf(sensor->place, sizeof(sensor->place), "tcx");
    if (status == 0)
        return 0;
    tc_detach(sensor);
    return error_set(error, "cannot attach to %s: %s", sensor->watch.name, strerror(-status));
}

static const struct hook tc_hook = {
    .choose = tc_choose,
    .attach = tc_attach,
    .detach = tc_detach,
};

static enum open_status tc_open(void **state, const struct source_options *options,
                                struct error *error)
{
    return sensor_open(state, &tc_hook, options, error);
}

const struct source_ops tc_source = {
    .name = "tc",
    .open = tc_open,
    .next = sensor_next,
    .stop = sensor_stop,
    .statistics = sensor_statistics,
    .describe = sensor_describe,
    .close = sensor_close,
};
