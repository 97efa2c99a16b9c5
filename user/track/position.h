/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A position: a place in number space at which frames of one association come, and the receiver
 * that stands there. As Linux does, it refuses a number that is a window or more behind its highest
 * (RFC 4303 appendix A2, 802.1AE 10.6.2). A number that it did not accept is lost.
 *
 * Which positions of a channel are believed is decided in belief.c; here stands only what one of
 * them does with its own numbers.
 */
#ifndef GAPWATCH_TRACK_POSITION_H
#define GAPWATCH_TRACK_POSITION_H

#include <stdint.h>

#include "track/sequence.h"

/* Numbers of which a position remembers whether they came, whatever the window is. */
#define MEMORY_NUMBERS 4096
#define MEMORY_WORDS   (MEMORY_NUMBERS / 64)

/* Extended numbers start here, so that numbers before the first exist, also after many restarts. */
#define NUMBERS_START (UINT64_C(1) << 62)

struct memory {
    uint64_t seen[MEMORY_WORDS];    /* a bit a number, at the number modulo MEMORY_NUMBERS */
    uint64_t refused[MEMORY_WORDS]; /* of the believed position's numbers: see stance.refused_to */
};

/* A maximal run of numbers that are missing so far. */
struct missing_run {
    uint64_t first;
    uint64_t last;
    uint64_t before_ns; /* arrival of first - 1 */
    uint64_t after_ns;  /* arrival of last + 1 */
    uint32_t next;      /* the run behind it, or POOL_NONE */
    uint32_t reserved;
};

struct position {
    uint64_t highest; /* of the numbers that it accepted; extended to 64 bits */
    uint64_t highest_ns;
    uint64_t last_ns;   /* arrival of the number that it accepted last */
    uint64_t second_ns; /* start of the second in which numbers are being counted */
    uint32_t in_second; /* new numbers in it */
    uint32_t distinct;  /* numbers that were new to it; stays at its maximum */
    uint32_t memory;    /* POOL_NONE: every number from lowest to highest came, in order */
    uint32_t runs;      /* missing runs by rising number, or POOL_NONE */
    uint32_t last_run;  /* valid when there is one */
    uint32_t stance;    /* POOL_NONE: it is alone in its channel, and believed */
    uint8_t association;
    uint8_t is_hypothesis; /* what it counts is in no flow yet */
    uint8_t reserved[2];
    uint32_t generation; /* counts the SAs of the flow */
    struct sequence_figures figures;
    uint64_t start;        /* what is missing from here on is lost */
    uint64_t lowest;       /* of the numbers that it accepted */
    uint32_t highest_rate; /* numbers in the fastest full second so far */
    uint32_t reserved_too;
};

_Static_assert(sizeof(struct position) <= 168, "part of the budget of a flow");

/* What a frame is counted in. */
struct arrival {
    struct sequencer *sequencer;
    struct flow *flow;
    uint64_t now_ns;
    int is_end; /* the stream ends: two frames that nothing contradicted are enough */
};

static inline struct position *position_at(const struct sequencer *sequencer, uint32_t handle)
{
    return pool_at(&sequencer->positions, handle);
}

static inline struct missing_run *run_at(const struct sequencer *sequencer, uint32_t handle)
{
    return pool_at(&sequencer->runs, handle);
}

static inline struct memory *memory_at(const struct sequencer *sequencer, uint32_t handle)
{
    return pool_at(&sequencer->memories, handle);
}

/* NUMBER, 32 bits as on the wire, extended by the nearest distance to POSITION's highest. */
static inline uint64_t position_extend(const struct position *position, uint32_t number)
{
    return position->highest + (uint64_t)(int64_t)(int32_t)(number - (uint32_t)position->highest);
}

/* Whether NUMBER is ahead of POSITION's highest by at most the window, or behind it by less. */
static inline int position_fits(const struct position *position, uint64_t number, uint32_t window)
{
    return number + window > position->highest && number <= position->highest + window;
}

/* Whether POSITION still knows of NUMBER whether it came. */
static inline int position_remembers(const struct position *position, uint64_t number)
{
    return number <= position->highest && number + MEMORY_NUMBERS > position->highest;
}

/* The bit of NUMBER. */
static inline int memory_has(const uint64_t words[MEMORY_WORDS], uint64_t number)
{
    return (int)(words[number % MEMORY_NUMBERS / 64] >> (number % 64) & 1);
}

/* Sets the bits of COUNT numbers from FIRST on to VALUE. */
void memory_fill(uint64_t words[MEMORY_WORDS], uint64_t first, uint64_t count, int value);

/* Where POSITION's SA starts, if what it took over from is not kept, else where it took over. */
uint64_t position_sa_start(const struct sequencer *sequencer, const struct position *position);

/* Where the numbers of POSITION's SA count from: a multiple of 2^32. */
uint64_t position_epoch(const struct sequencer *sequencer, const struct position *position);

/* Makes POSITION one of the single NUMBER of ASSOCIATION, which arrived at NOW_NS. */
void position_begin(struct position *position, unsigned association, uint64_t number,
                    uint64_t now_ns);

/* Gives back what POSITION holds, and the position HANDLE itself. */
void position_free(struct sequencer *sequencer, uint32_t handle);

/* Whether NUMBER, which POSITION remembers, came to it. */
int position_saw(const struct sequencer *sequencer, const struct position *position,
                 uint64_t number);

/* Marks NUMBER, which POSITION remembers, as seen or not. Returns 0, or -1: no memory. */
int position_mark(struct sequencer *sequencer, struct position *position, uint64_t number,
                  int was_seen);

/* The memory of POSITION, made if need be; or NULL: there is none to be had. */
struct memory *position_memory(struct sequencer *sequencer, struct position *position);

/* POSITION no longer knows of numbers below NUMBER that they came. */
void position_forget_below(struct sequencer *sequencer, struct position *position, uint64_t number);

/* POSITION moves on to the highest of FROM, and remembers what FROM saw beyond its own. */
void position_move_on(struct sequencer *sequencer, struct position *position,
                      const struct position *from);

/* A number that fits arrived. Returns 1 when it is new, 0 for a duplicate, -1: no memory. */
int position_take(const struct arrival *arrival, struct position *position, uint64_t number);

/* Whether NUMBER, if it is missing, is lost for good. */
int position_gave_up(const struct sequencer *sequencer, const struct position *position,
                     uint64_t number);

/* NUMBER, which POSITION accepted, is none that it received: it is missing. */
void position_unaccept(struct sequencer *sequencer, struct position *position, uint64_t number,
                       uint64_t now_ns);

/* What is missing so far is lost, whatever comes. POSITION has a stance. */
void position_give_up(struct sequencer *sequencer, struct flow *flow, struct position *position);

/* Adds PART to TOTAL. */
void figures_add(struct sequence_figures *total, const struct sequence_figures *part);

/* --- missing.c --- */

/* Appends the run FIRST to LAST, which is behind all others. */
void missing_append(const struct arrival *arrival, struct position *position,
                    const struct missing_run *run);

/* Puts RUN in front of all others of POSITION; without room for it, it is lost at once. */
void missing_prepend(const struct arrival *arrival, struct position *position,
                     const struct missing_run *run);

/* Puts RUN, of which no number is missing so far, in its place; without room it is forgotten. */
void missing_put_back(struct sequencer *sequencer, struct position *position,
                      const struct missing_run *run);

/* NUMBER arrived after all. */
void missing_fill(const struct arrival *arrival, struct position *position, uint64_t number);

/* The numbers FIRST to LAST came to the position that is joined to POSITION, and count there: each
 * that POSITION accepted as well was a copy. Its runs have all that it did not accept of them. */
void missing_join(const struct arrival *arrival, struct position *position, uint64_t first,
                  uint64_t last);

/* The same of all numbers that FROM accepted, up to LAST. */
void missing_join_from(const struct arrival *arrival, const struct position *from,
                       struct position *to, uint64_t last);

/* NUMBER is missing after all. Returns 0 when it was so already. */
int missing_insert(struct sequencer *sequencer, struct position *position, uint64_t number,
                   uint64_t now_ns);

/* Whether NUMBER is in a run. */
int missing_has(const struct sequencer *sequencer, const struct position *position,
                uint64_t number);

/* Forgets what is missing below NUMBER: it is no loss. */
void missing_drop_below(struct sequencer *sequencer, struct position *position, uint64_t number);

/* Forgets what is missing from NUMBER on. */
void missing_drop_from(struct sequencer *sequencer, struct position *position, uint64_t number);

/* TO goes on where FROM stopped, as the same SA: what is missing so far is missing at TO. */
void missing_hand_over(const struct arrival *arrival, struct position *from, struct position *to);

/* It did not: what is missing up to the highest of TO is missing there again. */
void missing_hand_back(const struct arrival *arrival, struct position *from, struct position *to);

/* The runs whose last number is at most LAST are lost: they become gaps. */
void missing_expire(struct sequencer *sequencer, struct flow *flow, struct position *position,
                    uint64_t last);

#endif
