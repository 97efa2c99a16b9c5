/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/unobserved.h"

void unobserved_begin(struct unobserved *walk, const struct missed_frames *missed)
{
    *walk = (struct unobserved){.missed = missed};
    for (uint32_t i = 0; i < missed->run_count && i < MISSED_RUNS_MAX; i++)
        walk->frames += missed_count(&missed->runs[i]);
}

/* The part of TOTAL for the first PART frames, when it is distributed evenly. */
static uint64_t share(const struct unobserved *walk, uint64_t total, uint64_t part)
{
    return total / walk->frames * part + total % walk->frames * part / walk->frames;
}

/* The time of the next frame if all came evenly. */
static uint64_t likely_time(const struct unobserved *walk)
{
    const struct missed_frames *missed = walk->missed;
    uint64_t intervals = walk->frames - 1;

    if (!intervals || missed->last_ns < missed->first_ns)
        return missed->first_ns;
    return missed->first_ns + (missed->last_ns - missed->first_ns) / intervals * walk->done +
           (missed->last_ns - missed->first_ns) % intervals * walk->done / intervals;
}

static uint32_t likely_bytes(const struct unobserved *walk)
{
    uint64_t bytes = walk->missed->bytes;

    return (uint32_t)(share(walk, bytes, walk->done + 1) - share(walk, bytes, walk->done));
}

/* Frames without a known number (merged ones) are counted with the others. */
static uint16_t likely_packets(const struct unobserved *walk)
{
    uint64_t packets = walk->missed->packets;

    return (uint16_t)(share(walk, packets, walk->done + 1) - share(walk, packets, walk->done));
}

int unobserved_next(struct unobserved *walk, struct frame_record *record)
{
    const struct missed_frames *missed = walk->missed;
    const struct missed_numbers *run = &missed->runs[walk->run];

    if (walk->done == walk->frames)
        return 0;
    *record = (struct frame_record){
        .timestamp_ns = likely_time(walk),
        .key = missed->key,
        .wire_bytes = likely_bytes(walk),
        .sequence = (uint64_t)missed->upper << 32 | (run->first + walk->in_run),
        .association = missed_association(run),
        .flags = (uint8_t)(missed->flags | RECORD_MISSED),
        .wire_packets = likely_packets(walk),
        .ports = missed->ports,
    };
    walk->done++;
    if (++walk->in_run == missed_count(run)) {
        walk->run++;
        walk->in_run = 0;
    }
    return 1;
}
