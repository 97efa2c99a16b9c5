/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The tc method: a classifier program at the traffic control hooks, for incoming and outgoing
 * frames. With TCX it is attached by a link, which ends with the process. Without TCX it is a
 * filter of the clsact qdisc; filters outlive the process, so a child process removes them
 * (clsact.h).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "linux/tcx.h"
#include "source/bpf/clsact.h"
#include "source/bpf/sensor.h"

static enum open_status tc_choose(struct sensor *sensor, struct error *error)
{
    if (sensor->options.timestamp == TIMESTAMP_HARDWARE) {
        error_set(error, "--timestamp hw needs the method xdp, af_packet or pcap");
        return OPEN_BAD_FILTER;
    }
    bpf_program__set_autoload(sensor->skeleton->progs.gapwatch_xdp, false);
    return OPEN_DONE;
}

static const struct bpf_program *tc_program(const struct sensor *sensor)
{
    return sensor->skeleton->progs.gapwatch_tc;
}

/* Attaches in front of the programs that are there: one that does not return "next" would hide
 * frames from ours. */
static int attach_tcx(struct sensor *sensor, int where, int attach_type)
{
    int program = bpf_program__fd(tc_program(sensor));
    LIBBPF_OPTS(bpf_link_create_opts, options, .flags = TCX_BEFORE);

    sensor->links[where] = bpf_link_create(program, (int)sensor->watch.index,
                                           (enum bpf_attach_type)attach_type, &options);
    return sensor->links[where] < 0 ? -errno : 0;
}

static void detach_tcx(struct sensor *sensor)
{
    for (int i = 0; i < SENSOR_LINKS; i++) {
        if (sensor->links[i] < 0)
            continue;
        bpf_link_detach(sensor->links[i]);
        close(sensor->links[i]);
        sensor->links[i] = -1;
    }
}

/* On loopback each frame is seen going out and coming in. Only one of them counts. */
static enum direction direction_of(const struct sensor *sensor)
{
    return sensor->is_loopback ? DIRECTION_IN : sensor->options.direction;
}

/* Returns 0 or a negative errno; EINVAL means that the kernel has no TCX. */
static int attach_tcx_both(struct sensor *sensor)
{
    enum direction direction = direction_of(sensor);
    int status = 0;

    if (direction != DIRECTION_OUT)
        status = attach_tcx(sensor, 0, TCX_INGRESS);
    if (status == 0 && direction != DIRECTION_IN)
        status = attach_tcx(sensor, 1, TCX_EGRESS);
    if (status < 0)
        detach_tcx(sensor);
    return status;
}

static int attach_clsact(struct sensor *sensor, struct error *error)
{
    if (sensor->has_guard)
        return clsact_reattach(&sensor->clsact, sensor->watch.index, error);
    if (clsact_attach(&sensor->clsact, sensor->watch.index,
                      bpf_program__fd(sensor->skeleton->progs.gapwatch_tc), direction_of(sensor),
                      error) < 0)
        return -1;
    sensor->has_guard = 1;
    return 0;
}

static int tc_attach(struct sensor *sensor, struct error *error)
{
    int status = sensor->has_guard ? -EINVAL : attach_tcx_both(sensor);

    snprintf(sensor->place, sizeof(sensor->place), status < 0 ? "clsact" : "tcx");
    if (status == -EINVAL)
        return attach_clsact(sensor, error);
    if (status < 0)
        return error_set(error, "cannot attach to %s: %s", sensor->watch.name, strerror(-status));
    return 0;
}

/* The guard stays for the next attachment, unless this is the end. */
static void tc_detach(struct sensor *sensor, int is_end)
{
    struct error ignored;

    detach_tcx(sensor);
    if (!sensor->has_guard || !is_end)
        return;
    clsact_detach(&sensor->clsact, &ignored);
    sensor->has_guard = 0;
}

static const struct hook tc_hook = {
    .choose = tc_choose,
    .attach = tc_attach,
    .program = tc_program,
    .detach = tc_detach,
};

static int tc_probe(struct error *error)
{
    return sensor_probe(&tc_hook, error);
}

static enum open_status tc_open(void **state, const struct source_options *options,
                                struct error *error)
{
    return sensor_open(state, &tc_hook, options, error);
}

const struct source_ops tc_source = {
    .name = "tc",
    .probe = tc_probe,
    .open = tc_open,
    .next = sensor_next,
    .stop = sensor_stop,
    .statistics = sensor_statistics,
    .describe = sensor_describe,
    .close = sensor_close,
};
