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
#include "outcome.h"
#include "record.h"

#define BATCH_RECORDS 4096

struct batch {
    struct frame_record records[BATCH_RECORDS];
    size_t count;
    uint64_t frames; /* that the source has seen until now, of all outcomes */
    uint64_t octets; /* of its file that it has read until now */
};

struct source_options {
    const char *target; /* a file's path, or "-" for standard input */
    const char *filter; /* pcap-filter expression, or NULL */
};

struct source_statistics {
    uint64_t frames;
    uint64_t bytes; /* their lengths on the wire */
    uint64_t outcomes[OUTCOME_COUNT];
    uint64_t sensor_drops;
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
    OPEN_BAD_FILTER, /* the user's filter expression is wrong */
};

struct source_ops {
    const char *name;

    /* Sets *STATE, which close() frees; unless it returns OPEN_DONE, there is none. */
    enum open_status (*open)(void **state, const struct source_options *options,
                             struct error *error);
    enum source_status (*next)(void *state, struct batch *batch, struct error *error);

    /* What was seen so far. Not while another thread is in next(). */
    void (*statistics)(const void *state, struct source_statistics *statistics);

    /* Size of the file in octets, 0 where that is unknown. */
    uint64_t (*size)(const void *state);
    void (*close)(void *state);
};

extern const struct source_ops file_source;

#endif
