/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Results that last: what trackers find goes into an SQLite database while they run. A thread of
 * its own writes; whoever captures never waits for the disk.
 *
 *     store = store_open(&options, &error);                         // NULL: it says why
 *     tracker_keep_changes(&tracker);                               // before the first record
 *     while ((batch = next())) {
 *         tracker_receive(&tracker, batch->records, batch->count);
 *         if (store_is_due(store, 0, &tracker, now_ns))
 *             store_collect(store, 0, &tracker, &statistics, now_ns);   // copies
 *     }
 *     tracker_finish(&tracker);
 *     store_finish(store, 0, &tracker, &statistics, now_ns);        // each shard its own
 *     if (store_close(store, &error) < 0)                           // when all shards finished
 *         ...
 */
#ifndef GAPWATCH_STORE_STORE_H
#define GAPWATCH_STORE_STORE_H

#include <stdint.h>

#include "base/error.h"
#include "sink/sink.h"
#include "source/source.h"
#include "track/tracker.h"

#define STORE_RETAIN_DAYS   30
#define STORE_MAX_BYTES     (UINT64_C(10) << 30)
#define STORE_FLUSH_SECONDS 5

struct store_options {
    const char *path;
    size_t siblings;    /* stores in this process, this one included, that share its memory; 0: 1 */
    const char *source; /* the columns of the table captures */
    const char *method;
    uint32_t window;
    unsigned shards; /* trackers that feed the store, 1 or more, each from a thread of its own */
    uint64_t flush_seconds;
    uint64_t retain_days; /* see store/retention.h */
    uint64_t max_bytes;
    int is_file; /* times are those of the frames, not of the clock on the wall */
    int replace; /* when it is complete, it takes the place of earlier captures of the same source
                    and method */
    uint64_t (*clock)(void); /* nanoseconds since 1970; NULL: the clock on the wall */

    /* Is told once, by the writer's thread, when nothing can be written, when it can be again, and
     * when there were too many gaps to be kept. Must be there; a command gives error_print. */
    void (*tell)(const struct error *news);
};

/* How many share what one process may use. */
static inline size_t store_siblings(const struct store_options *options)
{
    return options->siblings ? options->siblings : 1;
}

struct store;

/* The store as a sink. Its settings are a struct store_options, of which sink_capture tells source,
 * method, window, shards and is_file. */
extern const struct sink_ops store_sink;

/* Whether the database at PATH and its folder belong to who we are: no privilege is needed there.
 */
int store_folder_is_ours(const char *path);

/* Opens or makes the database, adds the capture's row and starts the writer. Waits some seconds for
 * a lock. Returns NULL with ERROR set when it cannot. The strings of OPTIONS must stay. */
struct store *store_open(const struct store_options *options, struct error *error);

/*
 * Whether it is time to collect from TRACKER, the one of SHARD: the flush interval is over, or much
 * waits. Not while the writer is behind: then changes go on waiting in the tracker, where they
 * take no more memory. NOW_NS is on the clock on the wall, or that of the frames for a file.
 */
int store_is_due(struct store *store, unsigned shard, const struct tracker *tracker,
                 uint64_t now_ns);

/* How many of the COUNT RECORDS, from the first on, come before the interval at hand is over. With
 * frames' own times this keeps each interval to its frames. */
size_t store_fitting(struct store *store, unsigned shard, const struct frame_record *records,
                     size_t count);

/* Hands what changed in TRACKER to the writer, with the STATISTICS of what the shard's source has
 * seen until now; those of all shards add up. Copies; never waits. */
void store_collect(struct store *store, unsigned shard, struct tracker *tracker,
                   const struct source_statistics *statistics, uint64_t now_ns);

/* The same for the last time, with all that is left. TRACKER is finished. */
void store_finish(struct store *store, unsigned shard, struct tracker *tracker,
                  const struct source_statistics *statistics, uint64_t now_ns);

/* Writes what is left, for a bounded time if it fails, and frees STORE. Returns 0, or -1 with ERROR
 * saying what was not written. */
int store_close(struct store *store, struct error *error);

#endif
