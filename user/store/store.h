/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Writes results of trackers to an SQLite database while they run. A separate thread writes, so
 * that capturing never waits for the disk.
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
#include "store/writer/options.h"
#include "track/tracker.h"

struct store;

/* The store as a sink. Its settings are a struct store_options; sink_capture gives source, method,
 * window, shards and is_file. */
extern const struct sink_ops store_sink;

/* Whether this user owns the database at PATH and its directory, so that writing them needs no
 * privilege. */
int store_folder_is_ours(const char *path);

/*
 * Opens or creates the database, adds the capture's row and starts the writer. Waits some seconds
 * for a lock. Returns NULL with ERROR set when it cannot. The strings of OPTIONS must outlive the
 * store.
 */
struct store *store_open(const struct store_options *options, struct error *error);

/*
 * Whether to collect from TRACKER, which is SHARD's: the flush interval is over, or many changes
 * wait. Not while the writer is behind; then changes stay in the tracker, where they take no more
 * memory. NOW_NS is the system's clock, or the frames' for a file.
 */
int store_is_due(struct store *store, unsigned shard, const struct tracker *tracker,
                 uint64_t now_ns);

/* The number of the COUNT RECORDS, from the first on, that belong to the present interval. With the
 * frames' own times, this keeps intervals apart. */
size_t store_fitting(struct store *store, unsigned shard, const struct frame_record *records,
                     size_t count);

/* Passes the changes of TRACKER to the writer, with the STATISTICS of the shard's source so far;
 * those of all shards add up. This copies, and never waits. */
void store_collect(struct store *store, unsigned shard, struct tracker *tracker,
                   const struct source_statistics *statistics, uint64_t now_ns);

/* The real-time clock was set by STEP_NS and is NOW_NS, and SHARD's tracker moved its times. What
 * was not collected yet moves too, so no interval contains the jump and no flow is silent for it.
 */
void store_shift_time(struct store *store, unsigned shard, int64_t step_ns, uint64_t now_ns);

/* Collects for the last time, everything that is left. TRACKER is finished. */
void store_finish(struct store *store, unsigned shard, struct tracker *tracker,
                  const struct source_statistics *statistics, uint64_t now_ns);

/* Writes what is left, for a limited time if it fails, and frees STORE. Returns 0, or -1 with ERROR
 * set to what was not written. */
int store_close(struct store *store, struct error *error);

#endif
