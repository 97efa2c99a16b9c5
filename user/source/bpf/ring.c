/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/bpf/ring.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "base/monotonic.h"

/* The reader aims at this many records in a batch: enough that the cost of waking up does not
 * matter, and few enough to stay in the cache. */
#define RECORDS_AIMED_AT (BATCH_RECORDS / 2)
#define PAUSE_MIN_NS     500000

#define BATCH_IS_FULL (-ENOSPC) /* makes libbpf stop reading the ring */

/* A hardware clock further from the real-time clock than this is not set to UTC. */
#define HARDWARE_SKEW_MAX_NS NS_PER_SECOND

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

/* The UTC time of a timestamp from the kernel. FLAGS are those of the record. */
static uint64_t utc_of(const struct ring *ring, uint64_t kernel_ns, unsigned flags)
{
    if (!(flags & RECORD_HARDWARE_TIME))
        return clock_utc(&ring->clock, kernel_ns);
    if (ring->timestamp == TIMESTAMP_AUTO &&
        distance(kernel_ns, ring->batch->now_ns) > HARDWARE_SKEW_MAX_NS)
        return ring->batch->now_ns;
    return kernel_ns;
}

static void take_record(struct ring *ring, const struct frame_record *record)
{
    struct frame_record *to = &ring->batch->records[ring->batch->count++];

    *to = *record;
    to->key.reserved = 0;
    to->timestamp_ns = utc_of(ring, record->timestamp_ns, record->flags);
}

/* Adds missed frames to the batch, at their place among the records. SIZE tells how many runs the
 * entry has room for. */
static void take_missed(struct ring *ring, const struct missed_frames *missed, size_t size)
{
    struct batch *batch = ring->batch;
    struct missed_frames *to = &batch->missed[batch->missed_count];

    memcpy(to, missed, size < sizeof(*to) ? size : sizeof(*to));
    to->key.reserved = 0;
    to->first_ns = utc_of(ring, missed->first_ns, missed->flags);
    to->last_ns = utc_of(ring, missed->last_ns, missed->flags);
    batch->records[batch->count++] = (struct frame_record){
        .key = to->key,
        .timestamp_ns = to->first_ns,
        .flags = (uint8_t)(to->flags | RECORD_MISSED),
        .missed = (uint32_t)batch->missed_count++,
    };
}

/* Called by libbpf for each entry of the ring. */
static int take_sample(void *context, void *data, size_t size)
{
    struct ring *ring = context;

    if (size == sizeof(struct frame_record))
        take_record(ring, data);
    else
        take_missed(ring, data, size);
    if (ring->batch->count == BATCH_RECORDS || ring->batch->missed_count == BATCH_MISSED)
        return BATCH_IS_FULL;
    return 0;
}

/* Maps the page of the ring buffer FD that holds a position. Returns NULL when it cannot. */
static const uint64_t *map_position(int fd, long offset)
{
    void *page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ, MAP_SHARED, fd, offset);

    return page == MAP_FAILED ? NULL : page;
}

uint32_t ring_size(size_t bytes)
{
    uint32_t size = (uint32_t)sysconf(_SC_PAGESIZE);

    while ((size_t)size * 2 <= bytes)
        size *= 2;
    return size;
}

int ring_init(struct ring *ring, int fd, uint64_t bytes, enum timestamp_choice timestamp)
{
    *ring = (struct ring){.fd = fd, .bytes = bytes, .timestamp = timestamp};
    clock_begin(&ring->clock, clock_read);
    ring->filled_ns = monotonic_ns();
    ring->consumer_position = map_position(fd, 0);
    ring->producer_position = map_position(fd, sysconf(_SC_PAGESIZE));
    ring->buffer = ring_buffer__new(fd, take_sample, ring, NULL);
    if (ring->buffer && ring->consumer_position && ring->producer_position)
        return 0;
    ring_release(ring);
    return -1;
}

void ring_release(struct ring *ring)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    ring_buffer__free(ring->buffer);
    if (ring->consumer_position)
        munmap((void *)ring->consumer_position, page);
    if (ring->producer_position)
        munmap((void *)ring->producer_position, page);
    *ring = (struct ring){.fd = -1};
}

uint64_t ring_used(const struct ring *ring)
{
    uint64_t consumer = __atomic_load_n(ring->consumer_position, __ATOMIC_ACQUIRE);

    return __atomic_load_n(ring->producer_position, __ATOMIC_ACQUIRE) - consumer;
}

void ring_pause(const struct ring *ring)
{
    struct timespec pause = {.tv_nsec = (long)ring->pause_ns};

    if (ring->pause_ns)
        nanosleep(&pause, NULL); /* a signal may end it earlier */
}

/* How long to wait for the next batch, when the COUNT records of this one arrived within
 * SPAN_NS. */
static uint64_t pause_after(size_t count, uint64_t span_ns)
{
    uint64_t pause_ns = LIVE_WAIT_NS;

    if (count >= RECORDS_AIMED_AT)
        return 0;
    if (count && span_ns < LIVE_WAIT_NS)
        pause_ns = span_ns * RECORDS_AIMED_AT / count;
    if (pause_ns < PAUSE_MIN_NS)
        return PAUSE_MIN_NS;
    return pause_ns < LIVE_WAIT_NS ? pause_ns : LIVE_WAIT_NS;
}

void ring_read(struct ring *ring, struct batch *batch)
{
    uint64_t now_ns;

    ring->batch = batch;
    batch->count = 0;
    batch->missed_count = 0;
    batch->clock_step_ns = clock_look(&ring->clock, &batch->now_ns);
    now_ns = monotonic_ns();
    ring->is_drained = ring_buffer__consume(ring->buffer) != BATCH_IS_FULL;
    ring->pause_ns = ring->is_drained ? pause_after(batch->count, now_ns - ring->filled_ns) : 0;
    ring->filled_ns = now_ns;
}
