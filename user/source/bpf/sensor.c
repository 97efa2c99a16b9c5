/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/bpf/sensor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/units.h"
#include "linux/privileges.h"
#include "source/bpf/counters.h"
#include "source/bpf/load.h"
#include "source/bpf/load_log.h"
#include "source/bpf/missed.h"
#include "source/bpf/promiscuous.h"

#define SETTLE_NS 20000000 /* a program that was detached may still handle one frame */

/* Makes the ring of WORKER. The first worker's ring is in the BPF object. */
static int make_ring(struct sensor *sensor, unsigned worker)
{
    uint32_t bytes = ring_size(sensor->options.buffer_bytes);
    int fd = bpf_map__fd(sensor->skeleton->maps.events);

    if (worker > 0)
        fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "events", 0, 0, bytes, NULL);
    if (fd < 0 || ring_init(&sensor->rings[worker], fd, bytes, sensor->options.timestamp) < 0)
        return -1;
    if (sensor->options.workers == 1)
        return 0;
    return bpf_map_update_elem(bpf_map__fd(sensor->skeleton->maps.worker_events), &worker, &fd, 0);
}

static enum open_status make_rings(struct sensor *sensor, struct error *error)
{
    for (unsigned i = 0; i < sensor->options.workers; i++)
        if (make_ring(sensor, i) < 0)
            return sensor_failed(error, "make the ring buffers", errno);
    return OPEN_DONE;
}

/* Finds the interfaces. They must have the same link type, because one program reads the frames of
 * all. */
static enum open_status find_ports(struct sensor *sensor, struct error *error)
{
    const struct source_options *options = &sensor->options;
    enum link_type link;

    sensor->ports = calloc(options->target_count, sizeof(*sensor->ports));
    if (!sensor->ports)
        return sensor_failed(error, "watch the interface", ENOMEM);
    for (size_t i = 0; i < options->target_count; i++) {
        if (port_find(&sensor->ports[i], options->targets[i], &link, error) < 0)
            return OPEN_FAILED;
        sensor->port_count++;
        if (i == 0)
            sensor->link = link;
        if (link == sensor->link)
            continue;
        error_set(error, "%s and %s are of different kinds (Ethernet and raw IP)",
                  options->targets[0], options->targets[i]);
        return OPEN_FAILED;
    }
    return OPEN_DONE;
}

static enum open_status attach_all(struct sensor *sensor, struct error *error)
{
    for (size_t i = 0; i < sensor->port_count; i++)
        if (sensor->hook->attach(sensor, &sensor->ports[i], error) < 0)
            return OPEN_FAILED;
    for (size_t i = 0; i < sensor->port_count; i++)
        port_watch_program(&sensor->ports[i]);
    sensor->promiscuous = promiscuous_open();
    for (size_t i = 0; i < sensor->port_count; i++) {
        promiscuous_set(sensor->promiscuous, sensor->ports[i].watch.index);
        interface_listen(&sensor->ports[i].watch); /* after attaching, which may reset the NIC */
    }
    return OPEN_DONE;
}

static void detach_all(struct sensor *sensor)
{
    for (size_t i = 0; i < sensor->port_count; i++)
        sensor->hook->detach(&sensor->ports[i], 1);
}

static enum open_status start(struct sensor *sensor, struct error *error)
{
    enum open_status status = find_ports(sensor, error);

    if (status == OPEN_DONE)
        status = sensor_load(sensor, error);
    if (status == OPEN_DONE)
        status = sensor_make_counters(sensor, error);
    if (status == OPEN_DONE)
        status = make_rings(sensor, error);
    if (status == OPEN_DONE)
        status = attach_all(sensor, error);
    if (status != OPEN_DONE)
        return status;
    if (pins_make(&sensor->pins, sensor->options.target, sensor->options.is_second,
                  sensor->skeleton) == 0 &&
        sensor->options.user)
        privileges_give(sensor->pins.directory, sensor->options.user);
    return OPEN_DONE;
}

enum open_status sensor_open(void **state, const struct hook *hook,
                             const struct source_options *options, struct error *error)
{
    struct sensor *sensor = calloc(1, sizeof(*sensor));
    enum open_status status;

    if (!sensor)
        return sensor_failed(error, "watch the interface", ENOMEM);
    if (options->filter) {
        error_set(error, "--filter needs the method af_packet or pcap");
        free(sensor);
        return OPEN_BAD_FILTER;
    }
    load_log_begin();
    sensor->hook = hook;
    sensor->options = *options;
    sensor->promiscuous = -1;
    pins_init(&sensor->pins);
    status = start(sensor, error);
    if (status != OPEN_DONE)
        sensor_close(sensor);
    else
        *state = sensor;
    return status;
}

/* Frames so far that were only counted, because even the map of missed frames was full. */
static uint64_t uncounted(const struct sensor *sensor)
{
    return __atomic_load_n(&sensor->skeleton->bss->state.uncounted_numbered, __ATOMIC_RELAXED);
}

/* Attaches to the interface of PORT again, because it has a new index or the program was detached.
 * Returns 0, or -1: it is tried again later. */
static int attach_again(const struct sensor *sensor, struct port *port)
{
    struct error ignored;

    sensor->hook->detach(port, 0);
    if (sensor->hook->attach(sensor, port, &ignored) < 0) {
        port->watch.index = 0;
        return -1;
    }
    promiscuous_set(sensor->promiscuous, port->watch.index);
    port_program_has_moved(port);
    return 0;
}

/* Makes the next batch of each worker uncertain: frames may have passed while the sensor was not
 * attached. */
static void note_drops(struct sensor *sensor)
{
    for (unsigned i = 0; i < sensor->options.workers; i++)
        __atomic_store_n(&sensor->drops_for_worker[i], 1, __ATOMIC_RELAXED);
}

/* Checks the interface of PORT and the programs attached to it. */
static enum interface_event look_at(struct sensor *sensor, struct port *port)
{
    enum interface_event event = interface_poll(&port->watch, sensor->rings[0].filled_ns);

    if (event == INTERFACE_CAME_BACK && attach_again(sensor, port) < 0)
        event = INTERFACE_SAME;
    if (event == INTERFACE_SAME && port->watch.index)
        event = port_program_event(port);
    if (event == INTERFACE_DETACHED)
        attach_again(sensor, port);
    if (port->watch.has_dropped || (event != INTERFACE_SAME && event != INTERFACE_FRONT_TAKEN &&
                                    event != INTERFACE_FRONT_FREE))
        note_drops(sensor);
    return event;
}

/* Checks the interfaces and their programs, until one has an event: a batch has room for one. Only
 * the first worker does this. */
static void look_after(struct sensor *sensor, struct batch *batch)
{
    for (size_t i = 0; i < sensor->port_count && batch->event == INTERFACE_SAME; i++) {
        batch->event = look_at(sensor, &sensor->ports[i]);
        batch->event_target = (unsigned)i;
    }
}

/* Whether nothing is left for the worker of RING. Its last batch was empty, so the ring has room
 * for all missed frames: after this call they would be in it. */
static int is_at_end(struct sensor *sensor, const struct ring *ring)
{
    missed_hand_over(sensor);
    return !ring_used(ring);
}

enum source_status sensor_next(void *state, unsigned worker, struct batch *batch,
                               struct error *error)
{
    struct sensor *sensor = state;
    struct ring *ring = &sensor->rings[worker];
    uint64_t lost;

    (void)error;
    if (!sensor->has_stopped)
        ring_pause(ring);
    ring_read(ring, batch);
    batch->event = INTERFACE_SAME;
    if (worker == 0 && !sensor->has_stopped)
        look_after(sensor, batch);
    /* Read after the records, so that a loss before any of them is known with this batch. It may
     * have happened after the time of this batch, so the next one is uncertain as well. */
    lost = uncounted(sensor);
    batch->is_uncertain =
        lost != ring->uncounted || ring->was_losing ||
        __atomic_exchange_n(&sensor->drops_for_worker[worker], 0, __ATOMIC_RELAXED);
    ring->was_losing = lost != ring->uncounted;
    ring->uncounted = lost;
    if (sensor->has_stopped)
        return !batch->count && is_at_end(sensor, ring) ? SOURCE_END : SOURCE_MORE;
    missed_look_after(sensor, worker);
    return SOURCE_MORE;
}

void sensor_stop(void *state)
{
    struct sensor *sensor = state;
    struct timespec settle = {.tv_nsec = SETTLE_NS};

    detach_all(sensor);
    nanosleep(&settle, NULL);
    sensor->has_stopped = 1;
}

void sensor_describe(const void *state, struct text *text)
{
    const struct sensor *sensor = state;
    const struct port *first = &sensor->ports[0];

    text_add(text, "%s", first->place);
    for (size_t i = 1; i < sensor->port_count; i++)
        if (strcmp(sensor->ports[i].place, first->place) != 0)
            text_add(text, ", %s %s", sensor->ports[i].watch.name, sensor->ports[i].place);
    if (sensor->promiscuous < 0)
        text_add(text, ", not promiscuous");
    if (sensor->pins.directory >= 0)
        text_add(text, ", maps in %s", sensor->pins.path);
}

void sensor_close(void *state)
{
    struct sensor *sensor = state;

    if (!sensor)
        return;
    detach_all(sensor);
    for (size_t i = 0; i < sensor->port_count; i++)
        port_release(&sensor->ports[i]);
    free(sensor->ports);
    if (sensor->promiscuous >= 0)
        close(sensor->promiscuous);
    pins_release(&sensor->pins);
    for (unsigned i = 0; i < WORKERS_MAX; i++) {
        int fd = sensor->rings[i].fd;

        if (!sensor->rings[i].buffer)
            continue;
        ring_release(&sensor->rings[i]);
        if (i > 0)
            close(fd);
    }
    sensor_bpf__destroy(sensor->skeleton);
    free(sensor->counters);
    free(sensor);
}
