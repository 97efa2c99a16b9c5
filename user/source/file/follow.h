/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The files that follow a file that is being written, when its writer goes on with another file
 * (family.h) or begins the same file anew. They wait in the order of their first frames, or of
 * dumpcap's numbers. The writer of a ring may overwrite or remove them before they have been read.
 * */
#ifndef GAPWATCH_SOURCE_FILE_FOLLOW_H
#define GAPWATCH_SOURCE_FILE_FOLLOW_H

#include <stddef.h>
#include <stdint.h>

#include "source/capture_file/input.h"
#include "source/capture_file/link_cache.h"

/* How many files that were read are remembered: small files of a fast writer may still look as if
 * they came next. */
#define FOLLOW_RECENT 128

/* A file that is to be read. */
struct waiting_file {
    char *path;
    uint64_t first_ns; /* time of its first frame */
    uint64_t place;    /* in the order of reading */
};

/* All zeros at first. */
struct follow {
    char *path;                   /* the file that is read; NULL: the one that the user named */
    char *former;                 /* the one before it */
    struct waiting_file *waiting; /* the next one first */
    size_t count;
    uint64_t recent[FOLLOW_RECENT]; /* times of the first frames of the last files read, a ring */
    size_t read;                    /* how many have been added to it */
    uint64_t looked_ns;             /* when the directory was looked at, on the monotonic clock */
    size_t missed;      /* how often files were gone before they had been read to their end */
    char *first_missed; /* one of them */
};

/* Looks, a few times a second at most, for files that come after PATH, which is open as INPUT or
 * closed, and whose last frame has the timestamp LAST_NS. LINKS are for looking into them. Returns
 * whether some wait, which means that the writer has finished PATH. */
int follow_look(struct follow *follow, const char *path, const struct input *input,
                uint64_t last_ns, struct link_cache *links);

/* Takes the file that is to be read after PATH, whose first frame has the timestamp FIRST_NS. The
 * path belongs to FOLLOW and is valid until the next call but one. Files between the two that are
 * gone are counted as missed. Returns NULL when no file waits. */
const char *follow_next(struct follow *follow, const char *path, uint64_t first_ns,
                        struct link_cache *links);

/* Waits a moment, or until a signal comes. */
void follow_wait(void);

/* Counts that PATH was gone before it had been read to its end. */
void follow_miss(struct follow *follow, const char *path);

/* Frees what FOLLOW holds. */
void follow_release(struct follow *follow);

#endif
