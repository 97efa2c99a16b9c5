/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The xdp method: a program that runs where the driver receives a frame (native), or, without the
 * driver's support, where the kernel first sees it (generic). Incoming frames only. The link ends
 * with the process.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>

#include "source/bpf/sensor.h"

/* Loads the program for one device. The kernel headers of libbpf 1.1 do not have it. */
#define PROGRAM_FOR_DEVICE (1U << 6)

static enum open_status refuse(struct error *error, const char *why)
{
    error_set(error, "%s", why);
    return OPEN_BAD_FILTER;
}

/* Chooses the XDP programs. The one with hardware timestamps is loaded for this device; if another
 * device takes its place, the plain one is attached. */
static enum open_status xdp_choose(struct sensor *sensor, struct error *error)
{
    struct bpf_program *with = sensor->skeleton->progs.gapwatch_xdp_hw;

    if (sensor->options.direction == DIRECTION_OUT)
        return refuse(error, "the method xdp sees incoming frames only; use tc for outgoing ones");
    if (sensor->link != LINK_ETHERNET)
        return refuse(error, "the method xdp needs an Ethernet interface; use tc");
    bpf_program__set_autoload(sensor->skeleton->progs.gapwatch_tc, false);
    if (sensor->options.timestamp != TIMESTAMP_HARDWARE)
        return OPEN_DONE;
    if (sensor->port_count > 1)
        return refuse(error, "--timestamp hw and --merge: use af_packet or pcap, not xdp");
    bpf_program__set_autoload(with, true);
    bpf_program__set_ifindex(with, sensor->ports[0].watch.index);
    bpf_program__set_flags(with, bpf_program__flags(with) | PROGRAM_FOR_DEVICE);
    return OPEN_DONE;
}

static int wants_hardware_time(const struct sensor *sensor, const struct port *port)
{
    return sensor->options.timestamp == TIMESTAMP_HARDWARE && !port->place[0];
}

static int attach_as(struct port *port, uint32_t mode)
{
    LIBBPF_OPTS(bpf_link_create_opts, options, .flags = mode);

    port->links[0] =
        bpf_link_create(bpf_program__fd(port->program), (int)port->watch.index, BPF_XDP, &options);
    return port->links[0] < 0 ? -errno : 0;
}

static int xdp_attach(const struct sensor *sensor, struct port *port, struct error *error)
{
    int is_hardware_time = wants_hardware_time(sensor, port);
    uint32_t present = 0;
    const char *mode;
    int status;

    bpf_xdp_query_id((int)port->watch.index, 0, &present);
    if (present)
        return error_set(error, "%s has an XDP program already (id %u), which stays; use tc",
                         port->watch.name, present);
    port->hooks = AT_XDP;
    port->program = is_hardware_time ? sensor->skeleton->progs.gapwatch_xdp_hw
                                     : sensor->skeleton->progs.gapwatch_xdp;
    mode = "native";
    status = attach_as(port, XDP_FLAGS_DRV_MODE);
    if (status < 0 && !is_hardware_time) {
        mode = "generic";
        status = attach_as(port, XDP_FLAGS_SKB_MODE);
    }
    snprintf(port->place, sizeof(port->place), "%s, incoming frames only", mode);
    if (status == -EEXIST)
        return error_set(error, "cannot attach to %s: a device on top of it has an XDP program",
                         port->watch.name);
    if (status < 0)
        return error_set(error, "cannot attach to %s: %s", port->watch.name, strerror(-status));
    return 0;
}

static void xdp_detach(struct port *port, int is_end)
{
    (void)is_end;
    if (port->links[0] < 0)
        return;
    bpf_link_detach(port->links[0]);
    close(port->links[0]);
    port->links[0] = -1;
}

static const struct hook xdp_hook = {
    .choose = xdp_choose,
    .attach = xdp_attach,
    .detach = xdp_detach,
};

static int xdp_probe(struct error *error)
{
    return sensor_probe(&xdp_hook, error);
}

static enum open_status xdp_open(void **state, const struct source_options *options,
                                 struct error *error)
{
    return sensor_open(state, &xdp_hook, options, error);
}

const struct source_ops xdp_source = {
    .name = "xdp",
    .watches_several = 1,
    .probe = xdp_probe,
    .open = xdp_open,
    .next = sensor_next,
    .stop = sensor_stop,
    .statistics = sensor_statistics,
    .describe = sensor_describe,
    .close = sensor_close,
};
