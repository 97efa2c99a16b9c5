/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/bpf/sensor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/units.h"
#include "linux/privileges.h"
#include "source/bpf/load_log.h"
#include "source/bpf/missed.h"
#include "source/bpf/object.h"
#include "source/bpf/promiscuous.h"

#define KERNEL_TYPES "/sys/kernel/btf/vmlinux"

#define DESCRIPTORS_NEEDED 40
#define OF_WORKER          2
#define OF_PORT            6

#define TYPES_COPIES 3 /* libbpf needs this many times the size of the kernel's types */

#define SETTLE_NS 20000000 /* a program that was detached may still handle one frame */

static enum open_status failed(struct error *error, const char *what, int reason)
{
    error_set(error, "cannot %s: %s", what, strerror(reason));
    return OPEN_FAILED;
}

/* The largest power of two that is at most BYTES, as the kernel requires for a ring. */
static uint32_t ring_size(size_t bytes)
{
    uint32_t size = (uint32_t)sysconf(_SC_PAGESIZE);

    while ((size_t)size * 2 <= bytes)
        size *= 2;
    return size;
}

/* Sets ERROR to why the kernel refused the programs. */
static enum open_status not_loaded(struct error *error, int reason)
{
    const char *hint = "";

    if (access(KERNEL_TYPES, R_OK) < 0)
        hint = ": there is no " KERNEL_TYPES " (is /sys mounted, has the kernel BTF?)";
    else if (load_log_is_there())
        hint = ": this kernel's verifier refuses them";
    else if (reason == EPERM)
        hint = ": this system or container forbids it, though the capabilities are there";
    error_set(error, "cannot load the BPF programs: %s%s", strerror(reason), hint);
    load_log_take(error);
    return OPEN_FAILED;
}

/*
 * Whether there are enough file descriptors. If they run out while libbpf probes features of the
 * kernel, libbpf concludes that the kernel lacks the feature. Returns 0, or the errno of the
 * failure.
 */
static int lack_of_descriptors(const struct sensor *sensor)
{
    int descriptors[DESCRIPTORS_NEEDED + OF_WORKER * WORKERS_MAX + OF_PORT * TARGETS_MAX];
    size_t others = sensor->port_count > 1 ? sensor->port_count - 1 : 0;
    size_t count = DESCRIPTORS_NEEDED + OF_WORKER * sensor->options.workers + OF_PORT * others;
    size_t opened = 0;
    int reason = 0;

    while (opened < count && (descriptors[opened] = open("/", O_PATH | O_CLOEXEC)) >= 0)
        opened++;
    if (opened < count)
        reason = errno;
    while (opened)
        close(descriptors[--opened]);
    return reason;
}

/* Whether memory is too low to read the kernel's types; libbpf's own error does not say so. Returns
 * like lack_of_descriptors(). */
static int lack_of_memory(void)
{
    struct stat types;
    size_t bytes;
    void *room;

    if (stat(KERNEL_TYPES, &types) < 0)
        return 0;
    bytes = TYPES_COPIES * (size_t)types.st_size;
    room = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED)
        return errno;
    munmap(room, bytes);
    return 0;
}

/* Opens the BPF object, configures it and loads it into the kernel. */
static enum open_status load(struct sensor *sensor, struct error *error)
{
    uint32_t bytes = ring_size(sensor->options.buffer_bytes);
    int reason = lack_of_descriptors(sensor);
    struct sensor_bpf *skeleton;
    enum open_status status;

    if (!reason)
        reason = lack_of_memory();
    if (reason)
        return failed(error, "load the BPF programs", reason);
    skeleton = object_open();
    if (!skeleton)
        return failed(error, "open the BPF object", errno);
    sensor->skeleton = skeleton;
    skeleton->rodata->classifier.link = sensor->link;
    skeleton->rodata->classifier.tunnels = sensor->options.tunnels;
    skeleton->rodata->classifier.esp_ports = sensor->options.esp_ports;
    skeleton->rodata->workers = sensor->options.workers;
    skeleton->rodata->ring_bytes = bytes;
    skeleton->rodata->classifier.protocols = sensor->options.protocols;
    skeleton->rodata->max_frames = sensor->options.limit->most;
    bpf_map__set_max_entries(skeleton->maps.events, bytes);
    status = sensor->hook->choose(sensor, error);
    if (status != OPEN_DONE)
        return status;
    return sensor_bpf__load(skeleton) < 0 ? not_loaded(error, errno) : OPEN_DONE;
}

int sensor_probe(const struct hook *hook, struct error *error)
{
    struct frame_limit none = {0};
    struct sensor sensor = {
        .hook = hook,
        .options = {.workers = 1,
                    .tunnels = TUNNELS_ALL,
                    .protocols = PROTOCOLS_ALL,
                    .limit = &none},
        .link = LINK_ETHERNET,
    };
    enum open_status status;

    load_log_begin();
    status = load(&sensor, error);
    sensor_bpf__destroy(sensor.skeleton);
    return status == OPEN_DONE ? 0 : -1;
}

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
            return failed(error, "make the ring buffers", errno);
    return OPEN_DONE;
}

static enum open_status make_counters(struct sensor *sensor, struct error *error)
{
    int processors = libbpf_num_possible_cpus();

    if (processors < 0)
        return failed(error, "find out the number of processors", -processors);
    sensor->counters = calloc((size_t)processors, sizeof(*sensor->counters));
    return sensor->counters ? OPEN_DONE : failed(error, "watch the interface", ENOMEM);
}

/* Finds the interfaces. They must have the same link type, because one program reads the frames of
 * all. */
static enum open_status find_ports(struct sensor *sensor, struct error *error)
{
    const struct source_options *options = &sensor->options;
    enum link_type link;

    sensor->ports = calloc(options->target_count, sizeof(*sensor->ports));
    if (!sensor->ports)
        return failed(error, "watch the interface", ENOMEM);
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
        status = load(sensor, error);
    if (status == OPEN_DONE)
        status = make_counters(sensor, error);
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
        return failed(error, "watch the interface", ENOMEM);
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
