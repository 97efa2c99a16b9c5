/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* How a store is written, and how long its rows are kept. */
#ifndef GAPWATCH_STORE_WRITER_OPTIONS_H
#define GAPWATCH_STORE_WRITER_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define STORE_RETAIN_DAYS   30
#define STORE_MAX_BYTES     (UINT64_C(10) << 30)
#define STORE_FLUSH_SECONDS 5

struct store_options {
    /* Path of the database file. */
    const char *path;
    size_t siblings;    /* stores in this process that share its memory, with this one; 0: 1 */
    const char *source; /* columns of the table captures, like the next two members */
    const char *method;
    uint32_t window;
    unsigned shards; /* trackers that feed the store, at least 1, each in its own thread */
    uint64_t flush_seconds;
    uint64_t retain_days; /* see store/retention/retention.h */
    uint64_t max_bytes;
    int is_file; /* times are those of the frames, not of the system's clock */
    int replace; /* once complete, replaces earlier captures of the same source and method */
    uint64_t (*clock)(void); /* nanoseconds since 1970; NULL: the system's clock */

    /* Called once by the writer's thread when writing fails, when it works again, and when there
     * are too many flows that left, or gaps, to keep. Must not be NULL; commands use error_print().
     */
    void (*tell)(const struct error *news);
};

/* The number of stores that share the memory and time of this process. */
static inline size_t store_siblings(const struct store_options *options)
{
    return options->siblings ? options->siblings : 1;
}

#endif
