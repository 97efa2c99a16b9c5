/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Live frames on Linux from packet sockets: a socket with a ring for each worker. */
#include <errno.h>
#include <linux/if_packet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/units.h"
#include "source/af_packet/fanout.h"
#include "source/af_packet/packet_filter.h"
#include "source/af_packet/packet_socket.h"
#include "source/af_packet/packet_time.h"
#include "source/clock.h"
#include "source/decode.h"
#include "source/interface.h"
#include "source/source.h"

#define WAIT_MS (LIVE_WAIT_NS / 1000000)

/* Once stopped, the kernel hands over the block that it has begun in less than this. */
#define LAST_BLOCK_MS 50

/* With --timestamp auto, a NIC's clock further off than this is not set to UTC. */
#define HARDWARE_TIME_OFF_MAX_NS (60 * NS_PER_SECOND)

struct worker {
    struct packet_socket socket;
    struct interface_watch watch;
    struct live_clock clock;
    int64_t step_ns; /* of the clock, that frames still in the ring may have been dated before */
    int was_losing;  /* when the last batch was read */
    int was_disconnected; /* from the interface, since the last batch */
    struct source_statistics statistics;
};

struct af_packet {
    struct source_options options;
    struct sock_fprog filter;
    enum link_type link;
    int is_stopped;
    pthread_mutex_t fanout_lock; /* over the next two */
    int fanout;                  /* the group that the workers share, 0: none yet */
    unsigned fanout_index;       /* of the interface that it is bound to */
    struct worker workers[];
};

static void af_packet_close(void *state)
{
    struct af_packet *packets = state;

    if (!packets)
        return;
    for (unsigned i = 0; i < packets->options.workers; i++)
        packet_socket_close(&packets->workers[i].socket);
    filter_free(&packets->filter);
    pthread_mutex_destroy(&packets->fanout_lock);
    free(packets);
}

/* The first worker on an interface makes the fanout group, the others join it. */
static int join_group(struct af_packet *packets, const struct worker *worker)
{
    int id;

    pthread_mutex_lock(&packets->fanout_lock);
    if (packets->fanout_index != worker->watch.index)
        packets->fanout = 0;
    id = fanout_join(worker->socket.fd, packets->fanout, packets->link);
    if (id > 0) {
        packets->fanout = id;
        packets->fanout_index = worker->watch.index;
    }
    pthread_mutex_unlock(&packets->fanout_lock);
    return id < 0 ? -1 : 0;
}

/* Where only what comes in is wanted, the kernel need not even look at what goes out. (A fanout
 * group may do so all the same: the filter is what decides.) */
static void spare_outgoing(const struct af_packet *packets, const struct worker *worker)
{
    int yes = 1;

    if (packets->options.direction == DIRECTION_IN)
        setsockopt(worker->socket.fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof(yes));
}

/* Binds WORKER's socket to its interface as it is now. Returns 0, or -1 with ERROR set. */
static int bind_worker(const struct af_packet *packets, struct worker *worker, struct error *error)
{
    const char *name = worker->watch.name;
    struct error reason;

    if (packet_time_choose(worker->socket.fd, name, packets->options.timestamp, &reason) < 0)
        return error_set(error, "%s: %s", name, reason.text);
    if (packet_socket_bind(&worker->socket, worker->watch.index) < 0)
        return error_set(error, "%s: %s", name, strerror(errno));
    return 0;
}

/* Opens WORKER's socket and binds it. It takes no frames yet. Returns 0, or -1 with ERROR set. */
static int connect_worker(struct af_packet *packets, struct worker *worker, struct error *error)
{
    struct error reason;

    if (packet_socket_open(&worker->socket, packets->options.buffer_bytes, &reason) < 0)
        return error_set(error, "%s: af_packet: %s", worker->watch.name, reason.text);
    spare_outgoing(packets, worker);
    if (bind_worker(packets, worker, error) < 0)
        return -1;
    if (packets->options.workers > 1 && join_group(packets, worker) < 0)
        return error_set(error, "%s: cannot share it among workers: %s", worker->watch.name,
                         strerror(errno));
    return 0;
}

/* Takes frames. Returns 0, or -1 with ERROR set. */
static int begin_to_take(const struct af_packet *packets, struct worker *worker,
                         struct error *error)
{
    if (packet_socket_filter(&worker->socket, &packets->filter) < 0)
        return error_set(error, "%s: cannot attach the filter: %s", worker->watch.name,
                         strerror(errno));
    return 0;
}

static int connect_all(struct af_packet *packets, struct error *error)
{
    for (unsigned i = 0; i < packets->options.workers; i++)
        if (connect_worker(packets, &packets->workers[i], error) < 0)
            return -1;
    /* Not before all are bound: a frame is counted by exactly one. */
    for (unsigned i = 0; i < packets->options.workers; i++)
        if (begin_to_take(packets, &packets->workers[i], error) < 0)
            return -1;
    return 0;
}

/* On the loopback interface each frame goes out and comes in: once is enough. */
static enum direction direction_on(const struct interface_watch *watch, enum direction direction)
{
    if (direction == DIRECTION_BOTH && interface_is_loopback(watch))
        return DIRECTION_IN;
    return direction;
}

static struct af_packet *make_state(const struct source_options *options,
                                    const struct interface_watch *watch)
{
    struct af_packet *packets =
        calloc(1, sizeof(*packets) + options->workers * sizeof(packets->workers[0]));

    if (!packets)
        return NULL;
    packets->options = *options;
    packets->options.direction = direction_on(watch, options->direction);
    pthread_mutex_init(&packets->fanout_lock, NULL);
    for (unsigned i = 0; i < options->workers; i++) {
        packets->workers[i].socket.fd = -1;
        packets->workers[i].watch = *watch;
        clock_begin(&packets->workers[i].clock, clock_read);
    }
    return packets;
}

static enum open_status set_up(struct af_packet *packets, struct error *error)
{
    const struct interface_watch *watch = &packets->workers[0].watch;
    enum open_status status;

    if (interface_link_type(watch, &packets->link, error) < 0)
        return OPEN_FAILED;
    status = filter_make(&packets->filter, watch, packets->options.filter,
                         packets->options.direction, error);
    if (status != OPEN_DONE)
        return status;
    return connect_all(packets, error) < 0 ? OPEN_FAILED : OPEN_DONE;
}

static enum open_status af_packet_open(void **state, const struct source_options *options,
                                       struct error *error)
{
    struct interface_watch watch;
    struct af_packet *packets;
    enum open_status status;

    if (interface_find(options->target, &watch, error) < 0)
        return OPEN_FAILED;
    packets = make_state(options, &watch);
    if (!packets) {
        error_set(error, "%s: %s", options->target, strerror(ENOMEM));
        return OPEN_FAILED;
    }
    status = set_up(packets, error);
    if (status == OPEN_DONE)
        *state = packets;
    else
        af_packet_close(packets);
    return status;
}

/* The time of a frame by the clock as it is at NOW_NS. */
static uint64_t date(const struct af_packet *packets, const struct worker *worker, uint64_t time_ns,
                     int is_hardware_time, uint64_t now_ns)
{
    uint64_t off_ns = time_ns > now_ns ? time_ns - now_ns : now_ns - time_ns;

    if (!is_hardware_time)
        return worker->step_ns ? clock_after_step(time_ns, worker->step_ns, now_ns) : time_ns;
    if (packets->options.timestamp == TIMESTAMP_AUTO && off_ns > HARDWARE_TIME_OFF_MAX_NS)
        return now_ns;
    return time_ns;
}

/* Returns how many were read. */
static size_t read_frames(const struct af_packet *packets, struct worker *worker,
                          struct batch *batch)
{
    struct seen_frame seen;
    int is_hardware_time;
    size_t frames = 0;

    while (frames < BATCH_RECORDS &&
           packet_socket_next(&worker->socket, &seen, &is_hardware_time)) {
        frames++;
        seen.timestamp_ns =
            date(packets, worker, seen.timestamp_ns, is_hardware_time, batch->now_ns);
        if (decode_seen(packets->link, &seen, &worker->statistics, &batch->records[batch->count]) <=
            OUTCOME_LAST_PROTOCOL)
            batch->count++;
    }
    if (frames < BATCH_RECORDS)
        worker->step_ns = 0; /* the ring was empty: whatever comes is dated after the step */
    return frames;
}

/*
 * After the frames were read, so that whatever was dropped before one of them is known. What was
 * dropped after the last of them is known too, and makes the next batch as uncertain as this one.
 */
static void note_drops(struct worker *worker, struct batch *batch, int has_frames)
{
    uint64_t drops = 0;

    if (worker->socket.is_losing || !has_frames)
        drops = packet_socket_drops(&worker->socket);
    batch->is_uncertain = drops || worker->was_losing;
    worker->was_losing = drops > 0;
    worker->statistics.sensor_drops += drops;
}

/* There is an interface again. Returns 0, or -1 with ERROR set. */
static int connect_again(struct af_packet *packets, struct worker *worker, struct error *error)
{
    enum link_type link;

    if (interface_link_type(&worker->watch, &link, error) < 0)
        return -1;
    if (link != packets->link)
        return error_set(error, "%s came back as another kind of interface", worker->watch.name);
    if (packets->options.workers == 1) /* needs no privilege */
        return bind_worker(packets, worker, error);
    packet_socket_close(&worker->socket); /* a socket cannot leave its fanout group */
    if (connect_worker(packets, worker, error) < 0)
        return -1;
    return begin_to_take(packets, worker, error);
}

/* Looks after the interface. Returns 0, or -1 with ERROR set. */
static int note_interface(struct af_packet *packets, struct worker *worker, struct batch *batch,
                          struct error *error)
{
    enum interface_event event = interface_poll(&worker->watch, batch->now_ns);

    if (event == INTERFACE_CAME_BACK && connect_again(packets, worker, error) < 0) {
        if (if_nametoindex(worker->watch.name) == worker->watch.index)
            return -1;
        worker->watch.index = 0; /* it is gone again already */
        event = INTERFACE_SAME;
    }
    if (event != INTERFACE_SAME || !worker->watch.is_up || worker->was_disconnected)
        batch->is_uncertain = 1;
    worker->was_disconnected = 0;
    batch->event = worker == packets->workers ? event : INTERFACE_SAME; /* one tells it for all */
    return 0;
}

static enum source_status af_packet_next(void *state, unsigned number, struct batch *batch,
                                         struct error *error)
{
    struct af_packet *packets = state;
    struct worker *worker = &packets->workers[number];
    size_t frames;

    batch->count = 0;
    batch->missed_count = 0;
    if (packet_socket_wait(&worker->socket, packets->is_stopped ? LAST_BLOCK_MS : WAIT_MS) < 0) {
        worker->was_disconnected = 1;
        worker->watch.next_look_ns = 0;
    }
    batch->clock_step_ns = clock_look(&worker->clock, &batch->now_ns);
    worker->step_ns += batch->clock_step_ns;
    frames = read_frames(packets, worker, batch);
    note_drops(worker, batch, frames > 0);
    batch->frames = worker->statistics.frames;
    if (packets->is_stopped)
        return frames || batch->is_uncertain ? SOURCE_MORE : SOURCE_END;
    return note_interface(packets, worker, batch, error) < 0 ? SOURCE_FAILED : SOURCE_MORE;
}

static void af_packet_stop(void *state)
{
    struct af_packet *packets = state;

    for (unsigned i = 0; i < packets->options.workers; i++)
        packet_socket_filter(&packets->workers[i].socket, &filter_nothing);
    packets->is_stopped = 1;
}

static void af_packet_statistics(const void *state, unsigned number,
                                 struct source_statistics *statistics)
{
    const struct af_packet *packets = state;
    const struct worker *worker = &packets->workers[number];

    *statistics = worker->statistics;
    snprintf(statistics->link_type, sizeof(statistics->link_type), "%s",
             packets->link == LINK_RAW_IP ? "RAW" : "EN10MB");
    statistics->ring_bytes = packet_socket_ring_bytes(&worker->socket);
    statistics->ring_used_bytes = packet_socket_used_bytes(&worker->socket);
}

static uint64_t af_packet_size(const void *state)
{
    (void)state;
    return 0;
}

const struct source_ops af_packet_source = {
    .name = "af_packet",
    .open = af_packet_open,
    .next = af_packet_next,
    .stop = af_packet_stop,
    .statistics = af_packet_statistics,
    .size = af_packet_size,
    .close = af_packet_close,
};
