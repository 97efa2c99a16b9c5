/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Live frames on Linux from packet sockets. Each worker has a socket with a ring of its own. */
#include "source/af_packet/af_packet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/monotonic.h"
#include "base/units.h"
#include "source/decode.h"

#define WAIT_MS (LIVE_WAIT_NS / 1000000)

#define LAST_BLOCK_MS (SOURCE_STOP_NS / 1000000)

/* With --timestamp auto, a hardware time further from the real-time clock than this is not used:
 * the NIC's clock is not set to UTC. */
#define HARDWARE_TIME_OFF_MAX_NS (60 * NS_PER_SECOND)

/* The most that the times of two frames may differ from their order in the ring. */
#define SKEW_NS 100000

static void af_packet_close(void *state)
{
    struct af_packet *packets = state;

    if (!packets)
        return;
    for (unsigned i = 0; i < packets->options.workers; i++) {
        packet_socket_close(&packets->workers[i].socket);
        interface_release(&packets->workers[i].watch);
    }
    filter_free(&packets->filter);
    pthread_mutex_destroy(&packets->group_lock);
    free(packets);
}

/* On the loopback interface each frame is seen going out and coming in. Only one of them counts. */
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
    packets->classifier.tunnels = options->tunnels;
    packets->classifier.esp_ports = options->esp_ports;
    packets->classifier.protocols = options->protocols;
    packets->options.direction = direction_on(watch, options->direction);
    pthread_mutex_init(&packets->group_lock, NULL);
    for (unsigned i = 0; i < options->workers; i++) {
        packets->workers[i].socket.fd = -1;
        packets->workers[i].watch = *watch;
        clock_begin(&packets->workers[i].clock, clock_read);
    }
    return packets;
}

/* Finds what to watch: one interface, or all of them. Sets ERROR unless it returns OPEN_DONE. */
static enum open_status find(struct interface_watch *watch, const struct source_options *options,
                             struct error *error)
{
    if (strcmp(options->target, INTERFACE_ANY) != 0 || if_nametoindex(INTERFACE_ANY))
        return interface_find(options->target, watch, error) < 0 ? OPEN_FAILED : OPEN_DONE;
    interface_find_any(watch);
    if (!options->filter && options->workers == 1)
        return OPEN_DONE;
    error_set(error, "%s: af_packet takes no --filter and no --workers for all interfaces at once",
              INTERFACE_ANY);
    return OPEN_BAD_FILTER;
}

static enum open_status set_up(struct af_packet *packets, struct error *error)
{
    const struct interface_watch *watch = &packets->workers[0].watch;
    enum open_status status;

    if (!watch->is_any && interface_link_type(watch, &packets->classifier.link, error) < 0)
        return OPEN_FAILED;
    status = filter_make(&packets->filter, watch, packets->classifier.link, packets->options.filter,
                         packets->options.direction, error);
    if (status != OPEN_DONE)
        return status;
    if (connect_workers(packets, error) < 0)
        return OPEN_FAILED;
    for (unsigned i = 0; i < packets->options.workers; i++)
        interface_listen(&packets->workers[i].watch);
    return OPEN_DONE;
}

static enum open_status af_packet_open(void **state, const struct source_options *options,
                                       struct error *error)
{
    struct interface_watch watch;
    struct af_packet *packets;
    enum open_status status;

    status = find(&watch, options, error);
    if (status != OPEN_DONE)
        return status;
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

/* The time of a frame, by the real-time clock as it is set at NOW_NS. */
static uint64_t date(const struct af_packet *packets, const struct packet_worker *worker,
                     uint64_t time_ns, int is_hardware_time, uint64_t now_ns)
{
    uint64_t off_ns = time_ns > now_ns ? time_ns - now_ns : now_ns - time_ns;

    if (!is_hardware_time)
        return worker->step_ns ? clock_after_step(time_ns, worker->step_ns, now_ns) : time_ns;
    if (packets->options.timestamp == TIMESTAMP_AUTO && off_ns > HARDWARE_TIME_OFF_MAX_NS)
        return now_ns;
    return time_ns;
}

/* Notes that frames were dropped between the last frame and the one of TIME_NS. Frames from several
 * processors may be in the ring in a slightly different order than their times. */
static void note_drops_before(struct packet_worker *worker, struct batch *batch, uint64_t time_ns)
{
    uint64_t last_ns = worker->frame_ns ? worker->frame_ns : time_ns;
    uint64_t from_ns = last_ns < time_ns ? last_ns : time_ns;
    uint64_t until_ns = last_ns < time_ns ? time_ns : last_ns;

    from_ns = from_ns > SKEW_NS ? from_ns - SKEW_NS : 0;
    if (!batch->lost_until_ns || from_ns < batch->lost_from_ns)
        batch->lost_from_ns = from_ns;
    if (until_ns + SKEW_NS > batch->lost_until_ns)
        batch->lost_until_ns = until_ns + SKEW_NS;
    worker->socket.is_behind_drops = 0;
    worker->has_dropped = 1;
}

/* Reads frames into the batch. Returns how many were read. */
static size_t read_frames(const struct af_packet *packets, struct packet_worker *worker,
                          struct batch *batch)
{
    struct classifier classifier = packets->classifier;
    struct seen_frame seen;
    int is_hardware_time;
    size_t frames = 0, records;

    batch->lost_until_ns = 0;
    batch->is_drained = 0;
    while (frames < BATCH_FRAMES && batch_has_room(batch)) {
        if (!packet_socket_next(&worker->socket, &seen, &is_hardware_time)) {
            batch->is_drained = 1;
            worker->step_ns = 0; /* the ring is empty, so later frames have times after the step */
            break;
        }
        frames++;
        seen.timestamp_ns =
            date(packets, worker, seen.timestamp_ns, is_hardware_time, batch->now_ns);
        if (worker->socket.is_behind_drops)
            note_drops_before(worker, batch, seen.timestamp_ns);
        worker->frame_ns = seen.timestamp_ns;
        if (worker->watch.is_any &&
            !packet_socket_tell_apart(&worker->socket, &seen, &classifier.link))
            continue;
        if (!limit_take(packets->options.limit))
            continue;
        decode_seen(&classifier, &seen, &worker->statistics, &batch->records[batch->count],
                    &records);
        batch->count += records;
    }
    return frames;
}

/* Notes that frames were dropped before the batch was read, perhaps after its last frame. */
static void note_drops_after(const struct packet_worker *worker, struct batch *batch)
{
    uint64_t from_ns = worker->frame_ns > SKEW_NS ? worker->frame_ns - SKEW_NS : 0;

    if (!batch->lost_until_ns || from_ns < batch->lost_from_ns)
        batch->lost_from_ns = from_ns;
    if (batch->now_ns > batch->lost_until_ns)
        batch->lost_until_ns = batch->now_ns;
}

/*
 * Reads the kernel's counter of drops, if the frames' ring says that there were drops, or if no
 * frames came. IS_ONE_OF_SEVERAL: reads it also when all frames were read, because a frame of
 * another interface may come next, and drops must be known before it.
 */
static void count_drops(struct packet_worker *worker, struct batch *batch, int has_frames,
                        int is_one_of_several)
{
    int asks_early = is_one_of_several && batch->is_drained;
    uint64_t drops;

    if (!worker->has_dropped && has_frames && !asks_early)
        return;
    drops = packet_socket_drops(&worker->socket);
    if (drops && asks_early)
        note_drops_after(worker, batch);
    worker->statistics.sensor_drops += drops;
    worker->has_dropped = 0;
}

/* Checks the interface and connects to it again when it came back. Returns 0, or -1 with
 * ERROR set. */
static int note_interface(struct af_packet *packets, struct packet_worker *worker,
                          struct batch *batch, struct error *error)
{
    enum interface_event event = interface_poll(&worker->watch, monotonic_ns());

    if (event == INTERFACE_WENT_AWAY || event == INTERFACE_CAME_BACK)
        worker->connection = CONNECTION_NONE;
    if (event == INTERFACE_CAME_BACK)
        event = INTERFACE_SAME; /* reported once the worker takes frames again */
    if (worker->connection != CONNECTION_TAKES) {
        if (worker->watch.index && connect_worker_again(packets, worker, error) < 0)
            return -1;
        if (worker->connection == CONNECTION_TAKES)
            event = INTERFACE_CAME_BACK;
    }
    if (event != INTERFACE_SAME || worker->watch.has_dropped || worker->was_disconnected)
        batch->is_uncertain = 1;
    worker->was_disconnected = 0;
    batch->event =
        worker == packets->workers ? event : INTERFACE_SAME; /* only the first worker reports it */
    return 0;
}

/* How long to wait for frames, in milliseconds. */
static int wait_ms(const struct af_packet *packets)
{
    if (packets->options.is_one_of_several)
        return 0;
    return packets->is_stopped ? LAST_BLOCK_MS : WAIT_MS;
}

static enum source_status af_packet_next(void *state, unsigned number, struct batch *batch,
                                         struct error *error)
{
    struct af_packet *packets = state;
    struct packet_worker *worker = &packets->workers[number];
    size_t frames;

    batch->count = 0;
    batch->missed_count = 0;
    batch->is_uncertain = 0;
    if (packet_socket_wait(&worker->socket, wait_ms(packets)) < 0) {
        worker->was_disconnected = 1;
        worker->watch.next_look_ns = 0;
    }
    batch->clock_step_ns = clock_look(&worker->clock, &batch->now_ns);
    worker->step_ns += batch->clock_step_ns;
    if (worker->frame_ns)
        worker->frame_ns = shift_time(worker->frame_ns, batch->clock_step_ns);
    frames = read_frames(packets, worker, batch);
    count_drops(worker, batch, frames > 0, packets->options.is_one_of_several);
    if (packets->is_stopped)
        return frames ? SOURCE_MORE : SOURCE_END;
    return note_interface(packets, worker, batch, error) < 0 ? SOURCE_FAILED : SOURCE_MORE;
}

/* Stops taking frames, by a filter that passes none. */
static void af_packet_stop(void *state)
{
    struct af_packet *packets = state;

    for (unsigned i = 0; i < packets->options.workers; i++)
        packet_socket_filter(&packets->workers[i].socket, &filter_nothing);
    packets->is_stopped = 1;
}

static const char *link_name(const struct af_packet *packets)
{
    if (packets->workers[0].watch.is_any)
        return INTERFACE_ANY;
    return packets->classifier.link == LINK_RAW_IP ? "RAW" : "EN10MB";
}

static void af_packet_statistics(const void *state, unsigned number,
                                 struct source_statistics *statistics)
{
    const struct af_packet *packets = state;
    const struct packet_worker *worker = &packets->workers[number];

    *statistics = worker->statistics;
    snprintf(statistics->link_type, sizeof(statistics->link_type), "%s", link_name(packets));
    statistics->ring_bytes = packet_socket_ring_bytes(&worker->socket);
    statistics->ring_used_bytes = packet_socket_used_bytes(&worker->socket);
}

static void af_packet_describe(const void *state, struct text *text)
{
    const struct af_packet *packets = state;
    unsigned workers = packets->options.workers;

    text_add(text, "%u ring%s of %zu MB", workers, workers > 1 ? "s" : "",
             packet_socket_ring_bytes(&packets->workers[0].socket) >> 20);
}

const struct source_ops af_packet_source = {
    .name = "af_packet",
    .open = af_packet_open,
    .next = af_packet_next,
    .stop = af_packet_stop,
    .statistics = af_packet_statistics,
    .describe = af_packet_describe,
    .close = af_packet_close,
};
