/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The live sensor with its classifier in the kernel: the common part of the methods xdp and tc. The
 * BPF programs (bpf/) put records into a ring buffer; next() takes them out. */
#ifndef GAPWATCH_SOURCE_BPF_SENSOR_H
#define GAPWATCH_SOURCE_BPF_SENSOR_H

#include "maps.h"
#include "source/bpf/pins.h"
#include "source/bpf/port.h"
#include "source/bpf/ring.h"
#include "source/source.h"

#include "sensor.skel.h"

struct sensor;

/* Where frames are seen in the kernel. */
struct hook {
    /* Chooses the programs to load, before the object is loaded. Returns as open() does. */
    enum open_status (*choose)(struct sensor *sensor, struct error *error);

    /* Attaches to the interface of PORT, and sets PORT's program and hooks. Returns 0, or -1 with
     * ERROR set. */
    int (*attach)(const struct sensor *sensor, struct port *port, struct error *error);

    /* Undoes attach(); does nothing when nothing is attached. IS_END: attach() will not be called
     * again. */
    void (*detach)(struct port *port, int is_end);
};

struct sensor {
    const struct hook *hook;
    struct source_options options;
    struct port *ports; /* the watched interfaces */
    size_t port_count;
    enum link_type link; /* the same for all interfaces */
    struct sensor_bpf *skeleton;
    int promiscuous;  /* descriptor; -1: not promiscuous */
    struct pins pins; /* under the name of the first interface */
    struct ring rings[WORKERS_MAX];
    struct counters *counters; /* one for each processor */
    int has_stopped;
    int drops_for_worker[WORKERS_MAX]; /* the sensor was not attached for a while, and the worker
                                          has not reported it yet */
    uint64_t swept_ns;                 /* when stale entries were last removed; of worker 0 */
};

/* Loads and unloads the programs of HOOK. Returns 0, or -1 with ERROR set. */
int sensor_probe(const struct hook *hook, struct error *error);

/* The next functions are operations of source_ops, whose parameters they take. This is open(), for
 * the source that watches at HOOK. */
enum open_status sensor_open(void **state, const struct hook *hook,
                             const struct source_options *options, struct error *error);

/* next() of source_ops. */
enum source_status sensor_next(void *state, unsigned worker, struct batch *batch,
                               struct error *error);

/* stop() of source_ops. */
void sensor_stop(void *state);

/* statistics() of source_ops. */
void sensor_statistics(const void *state, unsigned worker, struct source_statistics *statistics);

/* describe() of source_ops. */
void sensor_describe(const void *state, struct text *text);

/* close() of source_ops. */
void sensor_close(void *state);

#endif
