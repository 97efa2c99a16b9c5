/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The user side of one ring buffer: makes batches of what the BPF programs put in. */
#ifndef GAPWATCH_SOURCE_BPF_RING_H
#define GAPWATCH_SOURCE_BPF_RING_H

#include "source/clock.h"
#include "source/source.h"

struct ring {
    struct ring_buffer *buffer; /* of libbpf */
    int fd;
    uint64_t bytes;
    const uint64_t *consumer_position; /* positions in pages shared with the kernel */
    const uint64_t *producer_position;
    struct live_clock clock;
    enum timestamp_choice timestamp;
    uint64_t uncounted;      /* frames that were only counted, when the last batch was filled */
    int was_losing;          /* their number had risen since the batch before */
    uint64_t filled_ns;      /* when the last batch was filled, on the monotonic clock */
    uint64_t pause_ns;       /* wait before the next batch */
    uint64_t handed_over_ns; /* when missed frames were last asked for, on the monotonic clock */
    int is_drained;          /* the last batch left nothing in the ring */
    struct batch *batch;     /* the batch that is being filled */
};

/* The largest power of two that is at most BYTES, and at least a page, as the kernel requires for a
 * ring. */
uint32_t ring_size(size_t bytes);

/* Maps the ring buffer FD of BYTES octets. RING must not be moved afterwards. Returns 0, or -1 with
 * errno set. */
int ring_init(struct ring *ring, int fd, uint64_t bytes, enum timestamp_choice timestamp);
/* Unmaps the ring. FD stays open. */
void ring_release(struct ring *ring);

/* Octets in the ring that wait to be read. */
uint64_t ring_used(const struct ring *ring);

/* Waits for as long as half a batch takes to arrive at the rate of the last one, at most
 * LIVE_WAIT_NS. Does not wait when the last batch left something in the ring. */
void ring_pause(const struct ring *ring);

/* Fills BATCH with what is in the ring, and sets its time. */
void ring_read(struct ring *ring, struct batch *batch);

#endif
