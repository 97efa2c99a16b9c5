/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Writes samples: the arrival times of some numbers of each SA. */
#ifndef GAPWATCH_STORE_WRITER_SAMPLE_WRITER_H
#define GAPWATCH_STORE_WRITER_SAMPLE_WRITER_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/error.h"
#include "track/flows/sampler.h"

/* Samples of an SA are kept for a day, or for less in a small database: all that a tracker can take
 * in this time fit into an eighth of it. Those that were not copied yet are kept longer
 * (retention.h).
 */
#define SAMPLES_KEPT_NS (86400 * NS_PER_SECOND)
#define SAMPLES_PART    8
#define SAMPLE_BYTES    52 /* about the size of a row, with that in the index */

struct sample_writer {
    sqlite3_stmt *find; /* the SAs of a flow and association, the newest first */
    sqlite3_stmt *insert;
    sqlite3_stmt *remove;
    int64_t capture;
    uint64_t kept_ns;
    int64_t copied; /* samples of later changes are kept; INT64_MAX: none for this */
};

/* Prepares WRITER, for a database of at most MAX_BYTES. Returns 0, or -1 with ERROR set; release it
 * in either case. */
int sample_writer_init(struct sample_writer *writer, sqlite3 *database, int64_t capture,
                       uint64_t max_bytes, struct error *error);
/* Frees the statements of WRITER. */
void sample_writer_release(struct sample_writer *writer);

/* Writes COUNT SAMPLES, whose order changes, in the open transaction, and removes old ones of the
 * same SAs. Samples whose SA has no row are left out. Returns 0, or -1 with ERROR set. */
int sample_writer_write(struct sample_writer *writer, struct sample *samples, size_t count,
                        struct error *error);

#endif
