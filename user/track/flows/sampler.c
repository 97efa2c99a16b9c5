/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/flows/sampler.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 64

/* The most numbers a second that the level should leave, so that the maximum is seldom reached. */
#define SAMPLES_AIM 8

/* The number of samples that may be ahead of an even distribution over the second. */
#define SAMPLES_AHEAD 3

void sampler_release(struct sampler *sampler)
{
    free(sampler->paces);
    free(sampler->samples);
    *sampler = (struct sampler){0};
}

void sampler_shift_time(struct sampler *sampler, int64_t step_ns)
{
    for (size_t i = 0; i < sampler->count; i++)
        sampler->samples[i].timestamp_ns = shift_time(sampler->samples[i].timestamp_ns, step_ns);
}

int sampler_reserve(struct sampler *sampler, uint32_t position)
{
    size_t capacity = sampler->capacity ? sampler->capacity : FIRST_CAPACITY;
    struct sample_pace *paces;

    while (capacity <= position)
        capacity *= 2;
    paces = realloc(sampler->paces, capacity * sizeof(*paces));
    if (!paces)
        return -1;
    memset(paces + sampler->capacity, 0, (capacity - sampler->capacity) * sizeof(*paces));
    sampler->paces = paces;
    sampler->capacity = capacity;
    return 0;
}

void sample_pace_begin(struct sample_pace *pace, uint64_t now_ns)
{
    uint64_t elapsed_ns = now_ns - pace->second_ns;
    double rate = (double)pace->numbers * (double)NS_PER_SECOND / (double)elapsed_ns;

    *pace = (struct sample_pace){.second_ns = now_ns};
    while (rate > SAMPLES_AIM && pace->mask < UINT32_MAX) {
        pace->mask = pace->mask << 1 | 1;
        rate /= 2;
    }
}

/* Begins a new second of all flows. Their level follows the number of samples. */
static void begin_all(struct sample_pace *all, uint64_t now_ns)
{
    if (all->samples == SAMPLES_PER_SECOND_ALL)
        all->mask = all->mask << 1 | 1;
    else if (all->samples < SAMPLES_PER_SECOND_ALL / 4)
        all->mask >>= 1;
    all->samples = 0;
    all->second_ns = now_ns;
}

/* Counts a sample in PACE, which has at most MOST a second. Returns 0 when there were MOST
 * already. */
static int fits(struct sample_pace *pace, uint32_t most)
{
    if (pace->samples >= most)
        return 0;
    pace->samples++;
    return 1;
}

/* Raises the level of PACE for the rest of the second when it took too many samples so far: the
 * rate is higher than in the second before, or not known yet. */
static void slow_down(struct sample_pace *pace, uint64_t now_ns)
{
    uint64_t even = SAMPLES_PER_SECOND * (now_ns - pace->second_ns) / NS_PER_SECOND;

    if (pace->samples > SAMPLES_AHEAD + even)
        pace->mask = pace->mask << 2 | 3;
}

static int reserve_sample(struct sampler *sampler)
{
    size_t room = sampler->room ? 2 * sampler->room : FIRST_CAPACITY;
    struct sample *samples;

    if (sampler->count < sampler->room)
        return 0;
    samples = sampler->count < SAMPLES_KEPT_MAX ? realloc(sampler->samples, room * sizeof(*samples))
                                                : NULL;
    if (!samples)
        return -1;
    sampler->samples = samples;
    sampler->room = room;
    return 0;
}

void sampler_keep(struct sampler *sampler, const struct sample *sample)
{
    if (reserve_sample(sampler) < 0)
        sampler->omitted++;
    else
        sampler->samples[sampler->count++] = *sample;
}

void sampler_take(struct sampler *sampler, const struct flow *flow, unsigned association,
                  uint64_t number, uint64_t now_ns)
{
    if (now_ns - sampler->all.second_ns >= NS_PER_SECOND)
        begin_all(&sampler->all, now_ns);
    if (sample_hash(number) & sampler->all.mask ||
        !fits(&sampler->paces[flow->position], SAMPLES_PER_SECOND) ||
        !fits(&sampler->all, SAMPLES_PER_SECOND_ALL))
        return;
    slow_down(&sampler->paces[flow->position], now_ns);
    sampler_keep(sampler, &(struct sample){
                              .key = flow->key,
                              .number = number,
                              .timestamp_ns = now_ns,
                              .association = (uint8_t)association,
                          });
}
