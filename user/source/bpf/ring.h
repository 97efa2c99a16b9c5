/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The user side of one ring buffer: what the BPF programs put in becomes batches. */
#ifndef GAPWATCH_SOURCE_BPF_RING_H
#define GAPWATCH_SOURCE_BPF_RING_H

#include "source/clock.h"
#include "source/source.h"

struct ring {
    struct ring_buffer *buffer; /* libbpf's */
    int fd;
    uint64_t bytes;
    const uint64_t *consumer_position; /* pages that the kernel shares */
    const uint64_t *producer_position;
    struct live_clock clock;
    enum timestamp_choice timestamp;
    uint64_t uncounted;      /* frames without any trace, when the last batch was filled */
    uint64_t filled_ns;      /* when it was, on the monotonic clock */
    uint64_t pause_ns;       /* to wait before the next */
    uint64_t handed_over_ns; /* when missed runs were last asked for */
    int is_drained;          /* the last batch took all that was there */
    struct batch *batch;     /* that is being filled */
};

/* Maps the ring buffer FD of BYTES. RING must stay where it is. Returns 0, or -1: errno says why.
 */
int ring_init(struct ring *ring, int fd, uint64_t bytes, enum timestamp_choice timestamp);
void ring_release(struct ring *ring);

/* Octets in it that wait to be read. */
uint64_t ring_used(const struct ring *ring);

/* Waits until it is time to look again: for as long as it takes to fill half a batch at the rate
 * of the last one, at most LIVE_WAIT_NS; not at all when that left something behind. */
void ring_pause(const struct ring *ring);

/* Fills BATCH with what is there, and with the time. */
void ring_read(struct ring *ring, struct batch *batch);

#endif
