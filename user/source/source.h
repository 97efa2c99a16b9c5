/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Where frames come from. Every source yields batches of the same records; what reads them never
 * learns which source is behind it.
 */
#ifndef GAPWATCH_SOURCE_SOURCE_H
#define GAPWATCH_SOURCE_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "missed.h"
#include "outcome.h"
#include "record.h"
#include "tunnels.h"

#define WORKERS_MAX   64
#define BATCH_RECORDS 4096
#define FRAME_RECORDS 2 /* of a frame at most: its own, and ahead of it its mirror's (mirror.h) */
#define BATCH_MISSED  256

/* A live source waits no longer than this for frames, so that nothing it tells is older. */
#define LIVE_WAIT_NS 10000000

/* What a live source noticed about its interface. */
enum interface_event {
    INTERFACE_SAME,
    INTERFACE_WENT_DOWN, /* it is there, but carries nothing */
    INTERFACE_CAME_UP,
    INTERFACE_WENT_AWAY,
    INTERFACE_CAME_BACK,   /* and is watched again */
    INTERFACE_FRONT_TAKEN, /* another program is before ours, and may keep frames from it */
    INTERFACE_FRONT_FREE,
};

struct batch {
    struct frame_record records[BATCH_RECORDS * FRAME_RECORDS];
    struct missed_frames missed[BATCH_MISSED]; /* a record with RECORD_MISSED names its own here */
    size_t count;
    size_t missed_count;

    /* Of files. */
    uint64_t frames; /* that it has read until now, of all outcomes */
    uint64_t octets; /* of the file that it has read until now */

    /* Of live sources; the next() of others leaves these as they are, zero. */
    uint64_t now_ns;       /* when the batch was filled */
    int64_t clock_step_ns; /* by how much the clock was set since the last batch; records have the
                              new time */
    int is_uncertain;      /* since the last batch the sensor lost frames, or saw none, and nothing
                              says which: what is missing in that time may be the sensor's */
    enum interface_event event;
};

enum direction {
    DIRECTION_BOTH,
    DIRECTION_IN,
    DIRECTION_OUT,
};

enum timestamp_choice {
    TIMESTAMP_AUTO, /* of the hardware where it has a believable one, else the kernel's */
    TIMESTAMP_HARDWARE,
    TIMESTAMP_SOFTWARE,
};

struct source_options {
    const char *target; /* a file's path, "-" for standard input, or the name of an interface */
    const char *filter; /* pcap-filter expression, or NULL */
    uint32_t tunnels;   /* a bit for each that is opened (tunnels.h) */

    /* Of live sources. */
    enum direction direction;
    enum timestamp_choice timestamp;
    int is_second;       /* another sensor of this name is there: the pins are its */
    const char *user;    /* who the program goes on as once the source is open; NULL: the same */
    unsigned workers;    /* threads that call next(), each with its own number from 0 on */
    size_t buffer_bytes; /* of the ring between kernel and program, for each worker */
};

struct source_statistics {
    uint64_t frames;
    uint64_t bytes; /* their lengths on the wire */
    uint64_t outcomes[OUTCOME_COUNT];
    uint64_t sensor_drops; /* frames that the sensor saw or was told of, but has no record of */
    uint64_t clock_steps;  /* times that the clock of a file's stamps was set, or absurd */
    uint64_t ring_bytes;   /* of the ring between kernel and program; 0: there is none */
    uint64_t ring_used_bytes;
    int is_behind_other; /* another program may keep frames from the sensor's */
    char link_type[128]; /* as libpcap names it; several are joined with ", " */
};

/* Adds PART, of one source, to TOTAL, which starts as zeros. */
void statistics_add(struct source_statistics *total, const struct source_statistics *part);

enum source_status {
    SOURCE_MORE,   /* the batch was filled (maybe with nothing yet); ask again */
    SOURCE_END,    /* nothing will follow; the batch is empty */
    SOURCE_FAILED, /* the same, and the error says why */
};

enum open_status {
    OPEN_DONE,
    OPEN_FAILED,
    OPEN_INTERRUPTED, /* the program was, before a file said anything of itself */
    OPEN_BAD_FILTER,  /* the user's filter expression is wrong, or cannot be honoured here */
};

struct source_ops {
    const char *name;

    /* Whether the kernel takes what this source loads into it; attaches nothing. NULL: it loads
     * nothing. Returns 0, or -1 with ERROR set. */
    int (*probe)(struct error *error);

    /* Sets *STATE, which close() frees; unless it returns OPEN_DONE, there is none. */
    enum open_status (*open)(void **state, const struct source_options *options,
                             struct error *error);

    /* Fills in BATCH with what WORKER gets next. A live source waits LIVE_WAIT_NS at most and may
     * come back with nothing. Each worker is a thread of its own. */
    enum source_status (*next)(void *state, unsigned worker, struct batch *batch,
                               struct error *error);

    /* Of live sources: sees no new frames from now on; next() still yields those seen before, and
     * SOURCE_END once there are none left. Called once, while no worker is in next(). */
    void (*stop)(void *state);

    /* What WORKER's part has seen so far; the parts add up. Not while its worker is in next(). */
    void (*statistics)(const void *state, unsigned worker, struct source_statistics *statistics);

    /* Of live sources: adds to TEXT how and where it watches, for people. */
    void (*describe)(const void *state, struct text *text);

    /* Of files: size in octets, 0 where that is unknown. */
    uint64_t (*size)(const void *state);
    void (*close)(void *state);
};

extern const struct source_ops file_source;
extern const struct source_ops pcap_source;
#if defined(__linux__)
extern const struct source_ops af_packet_source;
#endif
#if defined(GAPWATCH_BPF)
extern const struct source_ops xdp_source;
extern const struct source_ops tc_source;
#endif

#endif
