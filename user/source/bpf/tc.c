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

/* Attaches in front of the programs that are there: one that does not return "next" would hide
 * frames from ours. */
static int attach_tcx(struct port *port, int where, int attach_type)
{
    int program = bpf_program__fd(port->program);
    LIBBPF_OPTS(bpf_link_create_opts, options, .flags = TCX_BEFORE);

    port->links[where] = bpf_link_create(program, (int)port->watch.index,
                                         (enum bpf_attach_type)attach_type, &options);
    return port->links[where] < 0 ? -errno : 0;
}

static void detach_tcx(struct port *port)
{
    for (int i = 0; i < PORT_LINKS; i++) {
        if (port->links[i] < 0)
            continue;
        bpf_link_detach(port->links[i]);
        close(port->links[i]);
        port->links[i] = -1;
    }
}

/* On loopback each frame is seen going out and coming in. Only one of them counts. */
static enum direction direction_of(const struct sensor *sensor, const struct port *port)
{
    return port->is_loopback ? DIRECTION_IN : sensor->options.direction;
}

/* Returns 0 or a negative errno; EINVAL means that the kernel has no TCX. */
static int attach_tcx_both(const struct sensor *sensor, struct port *port)
{
    enum direction direction = direction_of(sensor, port);
    int status = 0;

    if (direction != DIRECTION_OUT)
        status = attach_tcx(port, 0, TCX_INGRESS);
    if (status == 0 && direction != DIRECTION_IN)
        status = attach_tcx(port, 1, TCX_EGRESS);
    if (status < 0)
        detach_tcx(port);
    return status;
}

static int attach_clsact(const struct sensor *sensor, struct port *port, struct error *error)
{
    if (port->has_guard)
        return clsact_reattach(&port->clsact, port->watch.index, error);
    if (clsact_attach(&port->clsact, port->watch.index, bpf_program__fd(port->program),
                      direction_of(sensor, port), error) < 0)
        return -1;
    port->has_guard = 1;
    return 0;
}

static int tc_attach(const struct sensor *sensor, struct port *port, struct error *error)
{
    enum direction direction = direction_of(sensor, port);
    int status;

    port->program = sensor->skeleton->progs.gapwatch_tc;
    port->hooks =
        (direction == DIRECTION_OUT ? 0 : AT_TC_IN) | (direction == DIRECTION_IN ? 0 : AT_TC_OUT);
    status = port->has_guard ? -EINVAL : attach_tcx_both(sensor, port);
    snprintf(port->place, sizeof(port->place), status < 0 ? "clsact" : "tcx");
    if (status == -EINVAL)
        return attach_clsact(sensor, port, error);
    if (status < 0)
        return error_set(error, "cannot attach to %s: %s", port->watch.name, strerror(-status));
    return 0;
}

/* The guard stays for the next attachment, unless this is the end. */
static void tc_detach(struct port *port, int is_end)
{
    struct error ignored;

    detach_tcx(port);
    if (!port->has_guard || !is_end)
        return;
    clsact_detach(&port->clsact, &ignored);
    port->has_guard = 0;
}

static const struct hook tc_hook = {
    .choose = tc_choose,
    .attach = tc_attach,
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
    .watches_several = 1,
    .probe = tc_probe,
    .open = tc_open,
    .next = sensor_next,
    .stop = sensor_stop,
    .statistics = sensor_statistics,
    .describe = sensor_describe,
    .close = sensor_close,
};
