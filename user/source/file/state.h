/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The state of the source that reads files, shared by its two parts: opening (files.c) and reading
 * (reading.c). */
#ifndef GAPWATCH_SOURCE_FILE_STATE_H
#define GAPWATCH_SOURCE_FILE_STATE_H

#include "source/decode.h"
#include "source/file/dedup.h"
#include "source/file/follow.h"
#include "source/file/interface_rows.h"
#include "source/file/listing.h"
#include "source/file/order.h"
#include "source/notices.h"

struct files {
    struct source_options options;
    struct listing listing;
    char **paths; /* of the entries; the texts are the listing's */
    struct file_entry *entries;
    size_t count;
    int is_sorted; /* by the times of their first frames */
    struct follow follow;
    size_t current;         /* the file that is read, unless they are merged */
    struct order_heap heap; /* of files that are merged */
    struct file_clock clock;
    struct file_clock *clocks; /* of files that are merged: one for each */
    struct link_cache links;
    struct said_losses said; /* of the files that have been read */
    struct origins origins;
    struct origins surveyed_origins; /* for the order of the files. Apart from `origins`, where
                                        interfaces that lost frames have the lowest numbers */
    struct classifier classifier;
    struct dedup *dedup; /* NULL: copies are not looked for */

    uint64_t last_ns;                   /* time of the last frame */
    uint64_t last_of_ns[ORIGINS_MAX];   /* of the last frame of each origin */
    uint64_t newest_ns;                 /* latest time in the files before the current one */
    uint64_t newest_of_ns[ORIGINS_MAX]; /* the same, of each origin */
    size_t overlaps;                    /* files whose first frame is older than that */
    const char *overlap_of[2];          /* the first of them, and the file before it */
    uint64_t timeless;                  /* frames without a timestamp */
    int has_ended;

    int has_left_out; /* files that could not be opened, wherever their frames belong */
    /* Origins whose frames cannot be read, until another file begins: bits by number, also of
     * ORIGIN_ALL. */
    uint64_t left_out;
    uint64_t left_out_ns[ORIGINS_MAX + 1]; /* since then; 0: since the beginning */
    int needs_survey; /* statistics reported a loss that the survey did not see */
    uint64_t
        lost_earlier; /* lost frames that statistics reported only after gaps had been declared */

    /* The records of the last frame: their place in the batch. If its time is not certain yet
     * (clock.h), the next batch begins with them. */
    size_t last_from, last_until;
    size_t file_from; /* where the records of the present file begin in the batch */
    struct frame_record carried[FRAME_RECORDS_MAX];
    size_t carried_count;
    uint8_t carried_origin;

    uint64_t octets_done; /* of the files that have been read */
    struct interface_rows interfaces;
    struct source_statistics statistics;
};

/* Called when reading of FILES has ended: adds the notices that are known only then. */
void files_finish(struct files *files);

/* Fills in BATCH, as source_ops.next(). */
enum source_status files_read(struct files *files, struct batch *batch);

#endif
