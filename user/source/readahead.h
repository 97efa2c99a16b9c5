/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A second thread that reads and classifies while the first one tracks. The two share a few batches
 * in a ring, which stay in the cache.
 */
#ifndef GAPWATCH_SOURCE_READAHEAD_H
#define GAPWATCH_SOURCE_READAHEAD_H

#include "source/source.h"

struct readahead;

/* Starts reading from the opened source. Returns NULL with ERROR set when it cannot. STATE stays
 * the caller's, and is the thread's until readahead_stop(). */
struct readahead *readahead_start(const struct source_ops *ops, void *state, struct error *error);

/* The next batch, valid until the next call, or NULL when no more will come. Once the program was
 * interrupted (base/interrupt.h), only what was read before still comes. */
const struct batch *readahead_next(struct readahead *readahead);

/* What was seen up to the batch that readahead_next() returned last. */
void readahead_statistics(const struct readahead *readahead, struct source_statistics *statistics);

/* Waits until readahead_next() would return at once, for WAIT_NS at most. Returns whether it does.
 */
int readahead_wait(struct readahead *readahead, uint64_t wait_ns);

/* Ends the thread, also where it waits for input, and frees READAHEAD. Returns how reading ended:
 * SOURCE_END, SOURCE_FAILED with ERROR set, or SOURCE_MORE when it was stopped before. */
enum source_status readahead_stop(struct readahead *readahead, struct error *error);

#endif
