/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A second thread reads and classifies frames while the first one tracks them. They share a ring of
 * a few batches. */
#ifndef GAPWATCH_SOURCE_READAHEAD_H
#define GAPWATCH_SOURCE_READAHEAD_H

#include "source/source.h"

struct readahead;

/* Starts to read from the open source OPS with STATE. Returns NULL with ERROR set when it cannot.
 * The thread uses STATE until readahead_stop(); the caller closes it afterwards. */
struct readahead *readahead_start(const struct source_ops *ops, void *state, struct error *error);

/* Returns the next batch of READAHEAD, which is valid until the next call, or NULL at the end.
 * After an interrupt (base/interrupt.h) only batches that were read before are returned. */
const struct batch *readahead_next(struct readahead *readahead);

/* Sets STATISTICS to all frames up to the end of the batch that readahead_next() returned last. */
void readahead_statistics(const struct readahead *readahead, struct source_statistics *statistics);

/* Waits until readahead_next() would return at once, at most WAIT_NS. Returns whether it would. */
int readahead_wait(struct readahead *readahead, uint64_t wait_ns);

/* Ends the thread, even where it waits for input, and frees READAHEAD. Returns how reading ended:
 * SOURCE_END, SOURCE_FAILED with ERROR set, or SOURCE_MORE when it was stopped. */
enum source_status readahead_stop(struct readahead *readahead, struct error *error);

#endif
