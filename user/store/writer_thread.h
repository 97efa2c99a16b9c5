/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The thread that writes the batches of a store to its database, and tries again when it cannot.
 * Between batches it removes what is old. */
#ifndef GAPWATCH_STORE_WRITER_THREAD_H
#define GAPWATCH_STORE_WRITER_THREAD_H

#include <pthread.h>
#include <stdint.h>

#include "base/error.h"
#include "base/units.h"
#include "store/queue.h"
#include "store/retention/retention.h"
#include "store/writer/options.h"
#include "store/writer/writer.h"

/* How long to try when the store closes and writing fails. */
#define CLOSE_RETRY_NS (10 * NS_PER_SECOND)

struct writer_thread {
    struct queue queue; /* others add batches */

    /* Used by the thread alone. */
    const struct store_options *options;
    struct writer writer;
    struct retention retention;
    uint64_t omitted_flows;
    uint64_t omitted_gaps;
    int is_omitting;
    int is_refusing;
    int is_damaged; /* it was said that the database is */

    pthread_t id;
    int has_failed; /* the thread gave up when the store closed; `failure` has the reason */
    struct error failure;
};

/* Opens the database of OPTIONS and starts THREAD, which is zeroed. OPTIONS must outlive it.
 * Returns 0, or -1 with ERROR set: the thread does not run. Release THREAD in either case. */
int writer_thread_start(struct writer_thread *thread, const struct store_options *options,
                        struct error *error);

/* No batch is added to the queue any more: waits until all are written, for a limited time if that
 * fails. Returns 0, or -1 with ERROR set to why the last ones are not written. */
int writer_thread_finish(struct writer_thread *thread, struct error *error);

/* Frees what THREAD, which does not run any more or did not start, holds. */
void writer_thread_release(struct writer_thread *thread);

#endif
