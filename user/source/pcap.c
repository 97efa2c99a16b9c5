/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Live frames from libpcap, on any system. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/monotonic.h"
#include "base/units.h"
#include "source/pcap_handle.h"

/* After stop, frames are read for at least the first time without a new one, and at most for the
 * second. */
#define LAST_FRAMES_NS  (2 * (uint64_t)LIVE_WAIT_NS)
#define STOPPING_MAX_NS NS_PER_SECOND

#define FAILURES_MAX 3

static void pcap_source_close(void *state)
{
    struct live *live = state;

    if (!live)
        return;
    if (live->pcap)
        pcap_close(live->pcap);
    interface_release(&live->watch);
    free(live);
}

static enum open_status pcap_source_open(void **state, const struct source_options *options,
                                         struct error *error)
{
    enum open_status status;
    struct error not_watched;
    struct live *live;

    live = calloc(1, sizeof(*live));
    if (!live) {
        error_set(error, "%s: %s", options->target, strerror(ENOMEM));
        return OPEN_FAILED;
    }
    live->options = *options;
    live->classifier.tunnels = options->tunnels;
    live->classifier.esp_ports = options->esp_ports;
    live->classifier.protocols = options->protocols;
    live->is_watched = interface_find(options->target, &live->watch, &not_watched) == 0;
    clock_begin(&live->clock, clock_read);
    status = pcap_handle_open(live, error);
    if (status == OPEN_DONE) {
        if (live->is_watched)
            interface_listen(&live->watch);
        *state = live;
    } else {
        pcap_source_close(live);
    }
    return status;
}

struct reading {
    struct live *live;
    struct batch *batch;
};

static void take_frame(unsigned char *user, const struct pcap_pkthdr *header,
                       const unsigned char *data)
{
    struct reading *reading = (struct reading *)user;
    struct live *live = reading->live;
    struct batch *batch = reading->batch;
    struct pcap_pkthdr fine = *header;
    struct seen_frame seen;
    size_t count;

    if (!limit_take(live->options.limit))
        return;
    fine.ts.tv_usec *= (suseconds_t)live->ns_per_tick;
    decode_header(&seen, &fine, data);
    if (live->step_ns && !live->is_hardware_time)
        seen.timestamp_ns = clock_after_step(seen.timestamp_ns, live->step_ns, batch->now_ns);
    decode_seen(&live->classifier, &seen, &live->statistics, &batch->records[batch->count], &count);
    batch->count += count;
    if (!batch_has_room(batch))
        pcap_breakloop(live->pcap);
}

static void wait_for_frames(const struct live *live)
{
    struct pollfd waiting = {.fd = -1, .events = POLLIN};
    int at_once = live->options.is_one_of_several;

    if (live->pcap)
        waiting.fd = pcap_get_selectable_fd(live->pcap);
    poll(&waiting, 1, at_once ? 0 : PCAP_WAIT_MS); /* without a descriptor this only waits */
}

/* Counts drops since the last call. Returns how many there were. */
static unsigned count_drops(struct live *live)
{
    struct pcap_stat counters;
    unsigned drops = 0;

    if (live->pcap && pcap_stats(live->pcap, &counters) == 0) {
        drops = counters.ps_drop + counters.ps_ifdrop - live->drops;
        live->drops += drops;
    }
    live->statistics.sensor_drops += drops;
    return drops;
}

/* Counts drops. Called after the frames were read, so that drops before any of them are known. A
 * drop after the last of them is counted here too, so the next batch is uncertain as well. */
static void note_drops(struct live *live, struct batch *batch)
{
    unsigned drops = count_drops(live);

    batch->is_uncertain = drops || live->was_losing;
    live->was_losing = drops > 0;
}

/* Checks the interface, and opens a handle again when it came back. The handle of one that went
 * away is closed once the frames that it still has were read. Returns 0, or -1 with ERROR set. */
static int note_interface(struct live *live, struct batch *batch, struct error *error)
{
    int had_handle = live->pcap != NULL;

    batch->event = interface_poll(&live->watch, monotonic_ns());
    if ((batch->event == INTERFACE_WENT_AWAY || batch->event == INTERFACE_CAME_BACK) && live->pcap)
        live->is_leaving = 1;
    if (live->is_leaving && batch->is_drained)
        pcap_handle_close(live);
    if (batch->event == INTERFACE_CAME_BACK) {
        batch->event = INTERFACE_SAME; /* reported once there is a handle */
        live->is_back = 1;
    }
    if (!live->pcap && live->watch.is_up && pcap_handle_open(live, error) != OPEN_DONE)
        return -1;
    if (live->pcap && live->is_back && !live->is_leaving) {
        batch->event = INTERFACE_CAME_BACK;
        live->is_back = 0;
    }
    if (batch->event != INTERFACE_SAME || live->watch.has_dropped ||
        had_handle != (live->pcap != NULL))
        batch->is_uncertain = 1;
    return 0;
}

/*
 * Handles a failed read, most likely because the interface went down or away: drops the handle,
 * which is opened again when the interface is back. Returns 0, or -1 with ERROR set when this is
 * not an interface, or when reads fail again and again.
 */
static int note_failure(struct live *live, struct error *error)
{
    error_set(error, "%s: %s", live->options.target, pcap_geterr(live->pcap));
    if (!live->is_watched || live->failures++ == FAILURES_MAX)
        return -1;
    count_drops(live);
    pcap_handle_close(live);
    live->was_losing = 1;
    live->watch.next_look_ns = 0; /* check the interface at once */
    return 0;
}

/* Reads the available frames. Returns their number, or -1 with ERROR set. */
static int read_frames(struct live *live, struct batch *batch, struct error *error)
{
    struct reading reading = {.live = live, .batch = batch};
    int frames = 0;

    if (live->pcap)
        frames = pcap_dispatch(live->pcap, BATCH_FRAMES, take_frame, (unsigned char *)&reading);
    if (frames == PCAP_ERROR_BREAK)
        frames = BATCH_FRAMES; /* take_frame() stopped because the batch is full */
    if (frames < 0)
        return note_failure(live, error);
    batch->is_drained = frames < BATCH_FRAMES;
    if (batch->is_drained)
        live->step_ns = 0; /* the ring is empty, so later frames have times after the step */
    if (frames)
        live->failures = 0;
    return frames;
}

/* Nanoseconds since stop() was called, 0 when it was not. */
static uint64_t stopping_ns(const struct live *live)
{
    return live->stopped_ns ? monotonic_ns() - live->stopped_ns : 0;
}

static enum source_status pcap_source_next(void *state, unsigned worker, struct batch *batch,
                                           struct error *error)
{
    struct live *live = state;
    int frames;

    (void)worker;
    batch->count = 0;
    batch->missed_count = 0;
    batch->event = INTERFACE_SAME;
    wait_for_frames(live);
    batch->clock_step_ns = clock_look(&live->clock, &batch->now_ns);
    if (stopping_ns(live) > STOPPING_MAX_NS)
        return SOURCE_END;
    live->step_ns += batch->clock_step_ns;
    frames = read_frames(live, batch, error);
    if (frames < 0)
        return SOURCE_FAILED;
    note_drops(live, batch);
    if (!frames && !batch->is_uncertain && stopping_ns(live) > LAST_FRAMES_NS)
        return SOURCE_END;
    if (live->is_watched && !live->stopped_ns && note_interface(live, batch, error) < 0)
        return SOURCE_FAILED;
    return SOURCE_MORE;
}

/* A filter that passes nothing would make libpcap discard the frames in its ring, so reading goes
 * on for a little longer instead. */
static void pcap_source_stop(void *state)
{
    struct live *live = state;

    live->stopped_ns = monotonic_ns();
}

static void pcap_source_statistics(const void *state, unsigned worker,
                                   struct source_statistics *statistics)
{
    (void)worker;
    *statistics = ((const struct live *)state)->statistics;
}

static void pcap_source_describe(const void *state, struct text *text)
{
    const struct live *live = state;

    text_add(text, "%s%s%s", pcap_lib_version(), live->is_hardware_time ? ", NIC's timestamps" : "",
             live->pcap ? "" : ", interface is down");
}

const struct source_ops pcap_source = {
    .name = "pcap",
    .open = pcap_source_open,
    .next = pcap_source_next,
    .stop = pcap_source_stop,
    .statistics = pcap_source_statistics,
    .describe = pcap_source_describe,
    .close = pcap_source_close,
};
