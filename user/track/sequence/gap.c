/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/sequence/gap.h"

#include <stdlib.h>

#include "base/units.h"

#define FIRST_CAPACITY 256

void gap_log_init(struct gap_log *log, size_t limit)
{
    *log = (struct gap_log){.limit = limit};
}

void gap_log_release(struct gap_log *log)
{
    free(log->gaps);
    *log = (struct gap_log){0};
}

/* Makes room for one more gap. Returns 0, or -1 when there is none. */
static int gap_log_reserve(struct gap_log *log)
{
    size_t capacity = log->capacity ? log->capacity * 2 : FIRST_CAPACITY;
    struct gap *gaps;

    if (log->count < log->capacity)
        return 0;
    if (capacity > log->limit)
        capacity = log->limit;
    if (log->count >= capacity)
        return -1;
    gaps = realloc(log->gaps, capacity * sizeof(*gaps));
    if (!gaps)
        return -1;
    log->gaps = gaps;
    log->capacity = capacity;
    return 0;
}

int gap_log_add(struct gap_log *log, const struct gap *gap)
{
    if (gap_log_reserve(log) < 0) {
        log->omitted++;
        return -1;
    }
    log->gaps[log->count] = *gap;
    log->gaps[log->count++].departures = log->departures;
    return 0;
}

static uint32_t skip_of(const struct gap_log *log, uint32_t link)
{
    return link ? gap_log_at(log, link)->skip : 0;
}

static uint32_t depth_of(const struct gap_log *log, uint32_t link)
{
    return link ? gap_log_at(log, link)->depth : 0;
}

void gap_link(const struct gap_log *log, struct gap *gap, uint32_t last)
{
    uint32_t skip = skip_of(log, last);
    uint32_t further = skip_of(log, skip);
    uint32_t of_skip = depth_of(log, skip);

    gap->link = last;
    gap->depth = depth_of(log, last) + 1;
    gap->skip = depth_of(log, last) - of_skip == of_skip - depth_of(log, further) ? further : last;
}

void gap_log_withdraw(struct gap_log *log, uint32_t link, struct gap_log *new_gaps)
{
    struct gap *gap = gap_log_at(log, link);
    struct gap withdrawn;

    gap->is_withdrawn = 1;
    log->withdrawn++;
    if (!new_gaps)
        return;
    withdrawn = *gap;
    withdrawn.link = link;
    gap_log_add(new_gaps, &withdrawn);
}

uint32_t gap_log_standing(const struct gap_log *log, uint32_t link)
{
    while (link && gap_log_at(log, link)->is_withdrawn)
        link = gap_log_at(log, link)->link;
    return link;
}

void gap_log_drop_withdrawn(struct gap_log *log)
{
    size_t kept = 0;

    for (size_t i = 0; i < log->count; i++)
        if (!log->gaps[i].is_withdrawn)
            log->gaps[kept++] = log->gaps[i];
    log->count = kept;
    log->withdrawn = 0;
}

void gap_log_shift_time(struct gap_log *log, int64_t step_ns)
{
    for (size_t i = 0; i < log->count; i++)
        log->gaps[i].timestamp_ns = shift_time(log->gaps[i].timestamp_ns, step_ns);
}

const char *gap_cause_name(enum gap_cause cause)
{
    static const char *const names[CAUSE_COUNT] = {
        [CAUSE_NETWORK] = "network",
        [CAUSE_UNDETERMINED] = "undetermined",
    };

    return names[cause];
}
