/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* One of the files that are read together, and the time of its next frame. */
#ifndef GAPWATCH_SOURCE_FILE_ENTRY_H
#define GAPWATCH_SOURCE_FILE_ENTRY_H

#include "source/capture_file/capture_file.h"
#include "source/file/clock.h"
#include "source/file/survey.h"

struct file_entry {
    const char *path;
    size_t index; /* among the files as the user gave them; those of a directory by name */
    size_t given; /* which of the user's arguments named it, or its directory */
    int is_regular;
    uint64_t size;        /* in octets, 0 where that is unknown */
    struct survey survey; /* of regular files */

    struct capture_file file;
    int is_open;
    int is_done;
    int is_placed;       /* while files are ordered (order.c) */
    int has_known;       /* it has interfaces that files before it have, too: */
    int overlaps_known;  /* of at least one of these, the first frame is older than frames there */
    int overlaps_others; /* the same of at least one other interface */
    int has_failed; /* a file that grew was written over or removed before it was read to its end */

    /* The frame that is read next; with FILE_FRAME it has a time. */
    enum file_status next; /* FILE_NOTHING: not read yet */
    struct file_frame frame;
    uint64_t next_ns;
    uint64_t last_ns;        /* time of the frame before it; 0: it is the first */
    uint64_t first_stamp_ns; /* the timestamp in the file of its first frame */
    uint64_t last_stamp_ns;  /* the timestamp in the file of the frame before */
    enum wrong_times wrong;  /* what the clock said of the frames before it */
};

/* Opens ENTRY. FOLLOWS: as for capture_file_open(). Returns as that. */
enum open_status entry_open(struct file_entry *entry, int follows, struct link_cache *links,
                            struct error *error);

/* Closes the file of ENTRY, and frees what it holds. */
void entry_close(struct file_entry *entry);

/* Prepares CLOCK for the first frame of ENTRY. Its survey may have found the right time of that
 * frame. */
void entry_set_clock(const struct file_entry *entry, struct file_clock *clock);

/* Reads the next frame of ENTRY, unless it is known, and dates it by CLOCK. WAIT: as for
 * capture_file_next(). Returns its status. */
enum file_status entry_peek(struct file_entry *entry, struct file_clock *clock, int wait);

#endif
