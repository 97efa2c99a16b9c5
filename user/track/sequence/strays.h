/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Strays: hypotheses of a single number each, as forged frames found them. While a flow has no
 * other position besides its believed one, it keeps them in this form, which takes a sixth of the
 * memory of a position with its stance, and nothing of them changes with each number of the
 * believed position. Nearly all of them are forgotten so. When a frame comes that one of them, or
 * more than the believed position, could explain, they become positions (strays_grow.c).
 */
#ifndef GAPWATCH_TRACK_SEQUENCE_STRAYS_H
#define GAPWATCH_TRACK_SEQUENCE_STRAYS_H

#include "track/sequence/position.h"

#define HYPOTHESES_MAX 8 /* of one channel */
/* Hypotheses of all flows together, besides one for each flow that has a channel: frames must not
 * fill the memory, but after an outage all flows go on elsewhere at once. */
#define HYPOTHESES_BESIDES 16384
#define GAP_INDEX_MAX      0xFFFFFF
#define FILLED             64 /* numbers for which a stray remembers if they came after it */

struct stray {
    uint64_t number;
    uint64_t came_ns;
    uint64_t quiet_ns; /* as in struct stance */
    uint64_t highest;  /* the believed position's highest number when it was founded */
    uint64_t filled;   /* which of the 64 numbers up to that came since; the lowest bit is that */
    struct flow *flow;
    uint32_t founded_at;     /* as in struct stance, like the next one */
    uint32_t gap_index : 24; /* at most GAPS_KEPT_MAX */
    uint32_t association : 8;
    uint32_t older; /* strays of all flows, in the order in which they came */
    uint32_t newer;
};

_Static_assert(sizeof(struct stray) == 64, "a cache line");
_Static_assert(GAPS_KEPT_MAX <= GAP_INDEX_MAX, "a stray remembers an index of a gap");

/* While the believed position of a channel goes on in order, nothing changes for any stray: */
struct strays_limits {
    uint64_t number;   /* below this number, */
    uint64_t received; /* while it has received fewer numbers, */
    uint64_t time_ns;  /* and up to this time. */
};

/* The strays of a channel, in the order in which they came. */
struct strays {
    uint32_t handles[HYPOTHESES_MAX];
    uint32_t low[HYPOTHESES_MAX];      /* low halves of their numbers */
    uint32_t received[HYPOTHESES_MAX]; /* the same of the count of numbers received before */
    uint64_t opened_ns;                /* arrival of the first stray */
    uint64_t received_then;            /* how many numbers the believed position had received */
    uint32_t count;
    uint32_t reserved;
};

/* Whether the next number of POSITION, believed, in order and at NOW_NS, is within LIMITS. */
static inline int strays_are_calm(const struct strays_limits *limits,
                                  const struct position *position, uint64_t now_ns)
{
    return position->highest + 1 < limits->number &&
           position->figures.received < limits->received && now_ns <= limits->time_ns;
}

/* The stray with HANDLE. */
static inline struct stray *stray_at(const struct sequencer *sequencer, uint32_t handle)
{
    return pool_at(&sequencer->strays, handle);
}

/* Whether STRAY was founded ahead of MAIN, the believed position, in its SA. */
static inline int stray_is_ahead(const struct stray *stray, const struct position *main)
{
    return stray->association == main->association && stray->number > stray->highest;
}

/* How many numbers MAIN, the believed position, has received since stray INDEX was founded. */
static inline uint32_t strays_idle(const struct strays *strays, uint32_t index,
                                   const struct position *main)
{
    return (uint32_t)main->figures.received - strays->received[index];
}

/* How many frames came since ARRIVAL's flow has strays. New numbers are counted by the believed
 * position. */
uint64_t strays_frames(const struct arrival *arrival);

/* Receives NUMBER of ASSOCIATION, EXTENDED at the believed position, which it FITS or does not, in
 * a flow that has strays, or none and no channel. Returns 0 when strays must become positions
 * first. Else returns 1, and sets TAKEN as channel_go_on() returns it. */
int strays_take(const struct arrival *arrival, unsigned association, uint64_t number,
                uint64_t extended, int fits, int *taken);

/* Makes the strays of ARRIVAL's channel positions. */
void strays_become_positions(const struct arrival *arrival);

/* Forgets the strays of ARRIVAL's channel, and frees that. */
void strays_close(const struct arrival *arrival);

/* Gives the stray with HANDLE back. */
void stray_free(struct sequencer *sequencer, uint32_t handle);

/* Forgets the oldest stray of all flows. There is one. */
void strays_forget_oldest(const struct arrival *arrival);

/* The number up to which missing numbers at MAIN, the believed position, do not depend on
 * STRAYS. */
uint64_t strays_untouched_until(const struct sequencer *sequencer, const struct strays *strays,
                                const struct position *main);

/* The clock was set: moves all times of the strays of FLOW, which has a channel, by STEP_NS. */
void strays_shift_time(const struct sequencer *sequencer, const struct flow *flow, int64_t step_ns);

#endif
