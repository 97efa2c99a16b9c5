/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Sources of frames. All sources yield batches of the same records, and the reader does not know
 * which source it is. */
#ifndef GAPWATCH_SOURCE_SOURCE_H
#define GAPWATCH_SOURCE_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/origin.h"
#include "base/text.h"
#include "esp_ports.h"
#include "missed.h"
#include "outcome.h"
#include "record.h"
#include "selection.h"
#include "source/limit.h"
#include "tunnels.h"

#define WORKERS_MAX   64
#define TARGETS_MAX   64
#define BATCH_RECORDS 4096
#define BATCH_MISSED  256
#define BATCH_LOST    64

/* A live source waits no longer than this, so that its reports are never older. */
#define LIVE_WAIT_NS 10000000

/* After stop(), the kernel passes on the last frames in less than this. */
#define SOURCE_STOP_NS (5 * LIVE_WAIT_NS)

/* The target for all interfaces at once, as in libpcap. */
#define INTERFACE_ANY "any"

/* A change of a live source's interface. */
enum interface_event {
    INTERFACE_SAME,
    INTERFACE_WENT_DOWN, /* it exists, but carries no frames */
    INTERFACE_CAME_UP,
    INTERFACE_WENT_AWAY,
    INTERFACE_CAME_BACK,   /* it exists again and is watched */
    INTERFACE_FRONT_TAKEN, /* another program runs before ours and may hide frames from it */
    /* no other program runs before ours any more */
    INTERFACE_FRONT_FREE,
    INTERFACE_DETACHED, /* our program was detached; it will be attached again */
};

struct batch {
    struct frame_record records[BATCH_RECORDS];
    struct missed_frames missed[BATCH_MISSED]; /* named by records with RECORD_MISSED */
    size_t count;
    size_t missed_count;

    /* Set by file sources. */
    uint64_t frames;       /* read so far, of all outcomes */
    uint64_t octets;       /* of the file read so far */
    uint64_t clock_set_ns; /* the last time at which the clock of the file was set; 0: it was not */
    uint8_t origins[BATCH_RECORDS]; /* of the records */
    struct lost_span lost[BATCH_LOST];
    size_t lost_count;

    /* Set by live sources; others leave these zero. */
    uint64_t lost_from_ns;  /* span in which the sensor lost frames, by the times of the frames */
    uint64_t lost_until_ns; /* before and after; 0: no such loss */
    uint64_t now_ns;        /* when the batch was filled */
    int64_t clock_step_ns;  /* by how much the clock was set since the last batch; records have the
                               new time */
    /* Since the last batch the sensor may have lost frames, at an unknown time: missing numbers may
     * be its own loss. */
    int is_uncertain;
    enum interface_event event;
    unsigned event_target; /* index of the target that has the event */
    int is_drained;        /* no frame was left in the ring */
};

enum direction {
    DIRECTION_BOTH,
    DIRECTION_IN,
    DIRECTION_OUT,
};

enum timestamp_choice {
    TIMESTAMP_AUTO, /* of the NIC where its clock is set, else the kernel's */
    TIMESTAMP_HARDWARE,
    TIMESTAMP_SOFTWARE,
};

struct source_ops;
struct notices;

struct source_options {
    const char *target; /* path of a file, "-" for standard input, or name of an interface */
    const char *filter; /* pcap-filter expression, or NULL */
    uint32_t tunnels;   /* that are opened, a set of TUNNEL_BITs */
    struct esp_ports esp_ports;
    uint32_t protocols;        /* whose frames become records, a set of PROTOCOL_BITs */
    struct frame_limit *limit; /* later frames are ignored; not owned */

    const char *const *targets; /* files, or interfaces for sources with watches_several; */
    size_t target_count; /* at least 1, interfaces TARGETS_MAX at most; TARGET is the first */

    /* For files. */
    int in_order;      /* read them in the order of TARGETS */
    int by_time;       /* merge them: taps of one link */
    uint64_t dedup_ns; /* copies that came within this time are dropped; 0: none are */
    int survey_all; /* survey each file completely for reported losses. 0: large files only at their
                       beginning and end (file/files.h tells when that was not enough) */
    int follow;     /* the file grows, and others follow it */
    struct notices *notices; /* what is to be said of single files; not owned */

    /* For live sources. */
    const struct source_ops *each; /* for interleaved_source: the source of each */
    enum direction direction;
    enum timestamp_choice timestamp;
    int is_second;    /* another sensor in this namespace watches the interface and has the pins */
    const char *user; /* the program becomes this user after open(); NULL: no change */
    unsigned workers; /* threads that call next(), each with its own number from 0 */
    size_t buffer_bytes; /* size of each worker's ring between kernel and program */
    /* The frames are merged with those of other interfaces: next() never waits, and reports drops
     * at once. After stop(), the caller waits for SOURCE_STOP_NS. */
    int is_one_of_several;
};

struct source_statistics {
    uint64_t frames;
    uint64_t bytes; /* octets on the wire */
    uint64_t outcomes[OUTCOME_COUNT];
    uint64_t sensor_drops; /* frames that the sensor saw, or the kernel reported, but that have no
                              record */
    uint64_t clock_steps; /* times that the clock of a file's timestamps was set, or a timestamp was
                             absurd */
    uint64_t copies_dropped; /* frames of files that were dropped because they were copies */
    uint64_t mirror_lost;    /* frames that mirrors lost before the sensor, by their numbers */
    uint64_t ring_bytes;     /* size of the ring between kernel and program; 0: no ring */
    uint64_t ring_used_bytes;
    int is_behind_other; /* another program may hide frames from ours */
    char link_type[128]; /* link types, by their names in libpcap; several are joined with ", " */
};

/* Adds the link type NAME to STATISTICS, unless they have it. */
void statistics_name_link(struct source_statistics *statistics, const char *name);

/* Adds PART, the statistics of one source, to TOTAL, which starts as zeros. */
void statistics_add(struct source_statistics *total, const struct source_statistics *part);

enum source_status {
    SOURCE_MORE,   /* the batch was filled, perhaps with nothing; call again */
    SOURCE_END,    /* no more frames; the batch is empty */
    SOURCE_FAILED, /* as SOURCE_END, with the reason in the error */
};

enum open_status {
    OPEN_DONE,
    OPEN_FAILED,
    OPEN_INTERRUPTED, /* by the user, before the file's first octet arrived */
    OPEN_BAD_FILTER,  /* the filter expression is wrong, or an option is not possible with this
                         source */
};

struct source_ops {
    const char *name;
    int watches_several; /* open() accepts several targets */

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

    /* Of live sources: adds to TEXT how and where it watches, for messages. */
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
