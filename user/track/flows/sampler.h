/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Samples: the arrival times of some numbers, by which `gapwatch compare` finds out how long frames
 * took from one sensor to another.
 *
 * Sensors must choose the same numbers independently of each other, at any rate. So a hash of the
 * number decides: at level L, those whose hash ends in L zero bits are chosen, and each level's
 * numbers are part of the level below. An SA's level follows its rate. Two sensors that are at
 * different levels still have the numbers of the higher one in common.
 */
#ifndef GAPWATCH_TRACK_FLOWS_SAMPLER_H
#define GAPWATCH_TRACK_FLOWS_SAMPLER_H

#include <stddef.h>
#include <stdint.h>

#include "base/units.h"
#include "track/flow.h"

#define SAMPLES_PER_SECOND     10   /* of an SA, at most */
#define SAMPLES_PER_SECOND_ALL 1000 /* of a tracker, at most */

/* Bounds what waits to be collected, to about 14 MB. */
#define SAMPLES_KEPT_MAX 200000

struct sample {
    struct flow_key key;
    uint64_t number; /* as on the wire */
    uint64_t timestamp_ns;
    uint8_t association;
    uint8_t reserved[7];
};

/* The present level, and counts of the present second. */
struct sample_pace {
    uint64_t second_ns; /* when this second began */
    uint32_t mask;      /* 2^level - 1 */
    uint32_t numbers;   /* that came */
    uint32_t samples;   /* that were taken */
    uint32_t reserved;
};

struct sampler {
    struct sample_pace *paces; /* by the handle of the flow's position: another flow may have it
                                  later, which only begins at its level */
    size_t capacity;
    struct sample_pace all; /* of all flows together */
    struct sample *samples; /* that were not collected yet */
    size_t count;
    size_t room;
    uint64_t omitted; /* samples for which there was no room */
    int is_on;
};

/* Frees everything that SAMPLER holds. */
void sampler_release(struct sampler *sampler);

/* Moves the times of all samples by STEP_NS, after the clock was set. */
void sampler_shift_time(struct sampler *sampler, int64_t step_ns);

/* Makes room for the pace of a flow with POSITION. Returns 0, or -1: no memory. */
int sampler_reserve(struct sampler *sampler, uint32_t position);

/* Begins a new second of PACE at NOW_NS, at the level that its rate so far needs. */
void sample_pace_begin(struct sample_pace *pace, uint64_t now_ns);

/* Keeps SAMPLE until samples are collected. Without room it counts as omitted. */
void sampler_keep(struct sampler *sampler, const struct sample *sample);

/* Takes a sample of FLOW: NUMBER of ASSOCIATION came at NOW_NS. */
void sampler_take(struct sampler *sampler, const struct flow *flow, unsigned association,
                  uint64_t number, uint64_t now_ns);

/* The hash by which numbers are chosen (the finalizer of MurmurHash3). Only the lower 32 bits of a
 * number count, because sensors may count the rest from different numbers on. */
static inline uint32_t sample_hash(uint64_t number)
{
    uint32_t hash = (uint32_t)number;

    hash = (hash ^ hash >> 16) * 0x85EBCA6Bu;
    hash = (hash ^ hash >> 13) * 0xC2B2AE35u;
    return hash ^ hash >> 16;
}

/* Called for each number of FLOW: takes a sample if it is chosen. */
static inline void sampler_see(struct sampler *sampler, const struct flow *flow,
                               unsigned association, uint64_t number, uint64_t now_ns)
{
    struct sample_pace *pace;

    if (flow->position >= sampler->capacity && sampler_reserve(sampler, flow->position) < 0)
        return;
    pace = &sampler->paces[flow->position];
    if (now_ns - pace->second_ns >= NS_PER_SECOND)
        sample_pace_begin(pace, now_ns);
    pace->numbers++;
    if (!(sample_hash(number) & pace->mask))
        sampler_take(sampler, flow, association, number, now_ns);
}

#endif
