/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/point/frame_log.h"

#include <stdlib.h>
#include <string.h>

#include "numbered.h"

#define FIRST_FLOWS  64
#define FIRST_FRAMES 16

int frame_log_init(struct frame_log *log, uint32_t max_flows)
{
    *log = (struct frame_log){0};
    return flow_table_init(&log->flows, max_flows);
}

void frame_log_release(struct frame_log *log)
{
    for (size_t i = 0; i < log->capacity; i++)
        free(log->lanes[i].frames);
    free(log->lanes);
    flow_table_release(&log->flows);
    *log = (struct frame_log){0};
}

/* Makes room for lane HANDLE. Returns 0, or -1: no memory. */
static int reserve(struct frame_log *log, uint32_t handle)
{
    size_t capacity = log->capacity ? log->capacity : FIRST_FLOWS;
    struct lane *lanes;

    if (handle < log->capacity)
        return 0;
    while (capacity <= handle)
        capacity *= 2;
    lanes = realloc(log->lanes, capacity * sizeof(*lanes));
    if (!lanes)
        return -1;
    memset(lanes + log->capacity, 0, (capacity - log->capacity) * sizeof(*lanes));
    log->lanes = lanes;
    log->capacity = capacity;
    return 0;
}

/* The key of the lane of ASSOCIATION of the flow KEY. */
static struct flow_key lane_key(const struct flow_key *key, unsigned association)
{
    struct flow_key of_lane = *key;

    of_lane.reserved = (uint16_t)association;
    return of_lane;
}

/* The handle of the lane with KEY, which is added if necessary, or POOL_NONE: no memory. */
static uint32_t find_or_add(struct frame_log *log, const struct flow_key *key)
{
    uint32_t hash, handle;

    if (log->last_handle != POOL_NONE && memcmp(&log->last_key, key, sizeof(*key)) == 0)
        return log->last_handle;
    hash = flow_table_hash(&log->flows, key);
    handle = flow_table_find(&log->flows, key, hash);
    if (handle == POOL_NONE)
        handle = flow_table_add(&log->flows, key, hash);
    if (handle == POOL_NONE || reserve(log, handle) < 0)
        return POOL_NONE;
    log->last_key = *key;
    log->last_handle = handle;
    return handle;
}

static int append(struct lane *lane, uint64_t number, uint64_t time_ns)
{
    if (lane->count == lane->capacity) {
        size_t capacity = lane->capacity ? 2 * lane->capacity : FIRST_FRAMES;
        struct sighting *frames = realloc(lane->frames, capacity * sizeof(*frames));

        if (!frames)
            return -1;
        lane->frames = frames;
        lane->capacity = capacity;
    }
    lane->frames[lane->count++] = (struct sighting){.number = number, .time_ns = time_ns};
    return 0;
}

void frame_log_add(struct frame_log *log, const struct frame_record *record, uint64_t time_ns)
{
    struct flow_key key = lane_key(&record->key, record->association);
    uint32_t count, handle;
    struct lane *lane;

    if (!is_numbered_protocol(key.protocol))
        return;
    handle = find_or_add(log, &key);
    if (handle == POOL_NONE) {
        log->untracked++;
        return;
    }
    lane = &log->lanes[handle];
    count = numbers_of(record);
    for (uint32_t i = 0; i < count; i++)
        if (append(lane, record->sequence + i, time_ns) < 0)
            log->untracked++;
}

struct lane *frame_log_find(struct frame_log *log, const struct flow_key *key, unsigned association)
{
    struct flow_key of_lane = lane_key(key, association);
    uint32_t handle =
        flow_table_find(&log->flows, &of_lane, flow_table_hash(&log->flows, &of_lane));

    return handle == POOL_NONE || handle >= log->capacity ? NULL : &log->lanes[handle];
}
