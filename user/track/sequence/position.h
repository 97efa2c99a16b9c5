/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A position: a place in number space where frames of one association arrive, and the receiver
 * there. As in Linux, it refuses a number that is a window or more behind its highest (RFC 4303
 * appendix A2, 802.1AE 10.6.2). Numbers that it did not accept are lost.
 *
 * belief.c decides which position of a channel is believed; this file is about the numbers of a
 * single position.
 */
#ifndef GAPWATCH_TRACK_SEQUENCE_POSITION_H
#define GAPWATCH_TRACK_SEQUENCE_POSITION_H

#include <stdint.h>

#include "track/sequence/number.h"
#include "track/sequence/sequence.h"

/* A position remembers for this many numbers whether they came, whatever the window. */
#define MEMORY_NUMBERS 4096
#define MEMORY_WORDS   (MEMORY_NUMBERS / 64)

/* So many numbers ahead of the others may be forged. */
#define STRAYS 2

/* Extended numbers start here, so that there are numbers below the first, also after many
 * restarts. */
#define NUMBERS_START (UINT64_C(1) << 62)

struct memory {
    uint64_t seen[MEMORY_WORDS]; /* one bit for each number, at the number modulo MEMORY_NUMBERS */
    uint64_t refused[MEMORY_WORDS]; /* of the believed position's numbers: see refused.c */
};

/* A maximal run of numbers that are missing so far. */
struct missing_run {
    uint64_t first;
    uint64_t last;
    uint64_t before_ns;    /* arrival of first - 1 */
    uint64_t after_ns;     /* arrival of last + 1 */
    uint32_t next;         /* the next run, or POOL_NONE */
    uint32_t was_dropping; /* nobody knows if the network lost them: the sensor may have */
};

/* A pause between two numbers counts in units of 0.27 s, up to 68 s. */
#define PAUSE_SHIFT 28

struct position {
    uint64_t highest; /* highest accepted number, extended to 64 bits */
    uint64_t highest_ns;
    uint64_t last_ns;   /* arrival of the number accepted last */
    uint64_t second_ns; /* start of the second that is being counted */
    uint32_t in_second; /* new numbers in that second */
    uint32_t distinct;  /* count of numbers new to it; stays at its maximum */
    uint32_t memory;    /* POOL_NONE: all numbers from lowest to highest came, in order */
    uint32_t runs;      /* missing runs in the order of numbers, or POOL_NONE */
    uint32_t last_run;  /* valid when there are runs */
    uint32_t stance;    /* POOL_NONE: it is the only position of its flow, and believed */
    uint8_t association;
    uint8_t is_hypothesis : 1; /* its counts are not part of any flow yet */
    uint8_t bits : 7;          /* of its numbers that are on the wire: 16 to 64 */
    uint8_t pauses[2];         /* before the highest number, and before the highest until then */
    uint32_t generation;       /* index of its SA in the flow */
    struct sequence_figures figures;
    uint64_t start;        /* numbers missing from here on are lost */
    uint64_t lowest;       /* lowest accepted number */
    uint32_t highest_rate; /* numbers in the fastest full second so far */
    uint32_t reorder; /* distances of its SA's numbers (distance.c); POOL_NONE: none reordered */
    uint32_t second_first; /* low half of the highest number at the start of the second */
    uint32_t last_gap;     /* last gap of its SA: index in sequencer.gaps, plus 1; 0: none */
};

_Static_assert(sizeof(struct position) <= 184, "part of the budget of a flow");

/* The frame that is being received. */
struct arrival {
    struct sequencer *sequencer;
    struct flow *flow;
    uint64_t now_ns;
    int is_noted; /* its distance behind the highest was noted (distance.c) */
    int is_end;   /* the stream ends, so two frames that nothing contradicts are enough */
};

/* The position with HANDLE. */
static inline struct position *position_at(const struct sequencer *sequencer, uint32_t handle)
{
    return pool_at(&sequencer->positions, handle);
}

/* The missing run with HANDLE. */
static inline struct missing_run *run_at(const struct sequencer *sequencer, uint32_t handle)
{
    return pool_at(&sequencer->runs, handle);
}

/* The memory with HANDLE. */
static inline struct memory *memory_at(const struct sequencer *sequencer, uint32_t handle)
{
    return pool_at(&sequencer->memories, handle);
}

/* The number at or below NUMBER, of POSITION, that is 0 on the wire. */
static inline uint64_t position_round(const struct position *position, uint64_t number)
{
    return position->bits == 64 ? NUMBERS_START : number >> position->bits << position->bits;
}

/* The smaller of A and B. */
static inline uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The larger of A and B. */
static inline uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* NUMBER, of which only the bits on the wire are known, extended by the nearest distance to
 * POSITION's highest. */
static inline uint64_t position_extend(const struct position *position, uint64_t number)
{
    return number_extend(position->highest, number, position->bits);
}

/* NUMBER of POSITION as it is on the wire. */
static inline uint64_t position_on_wire(const struct position *position, uint64_t number)
{
    return number - position_round(position, number);
}

/* How often the numbers on the wire wrap around between FROM and TO, numbers of POSITION. */
static inline uint32_t position_wraps(const struct position *position, uint64_t from, uint64_t to)
{
    return position->bits == 64 ? 0 : (uint32_t)((to >> position->bits) - (from >> position->bits));
}

/* Whether NUMBER is in the window: ahead of POSITION's highest by at most WINDOW, or behind it by
 * less. */
static inline int position_fits(const struct position *position, uint64_t number, uint32_t window)
{
    return number + window > position->highest && number <= position->highest + window;
}

/* Whether POSITION still remembers if NUMBER came. */
static inline int position_remembers(const struct position *position, uint64_t number)
{
    return number <= position->highest && number + MEMORY_NUMBERS > position->highest;
}

/* Whether the bit of NUMBER is set. */
static inline int memory_has(const uint64_t words[MEMORY_WORDS], uint64_t number)
{
    return (int)(words[number % MEMORY_NUMBERS / 64] >> (number % 64) & 1);
}

/* Sets the bit of NUMBER. */
static inline void memory_set(uint64_t words[MEMORY_WORDS], uint64_t number)
{
    words[number % MEMORY_NUMBERS / 64] |= UINT64_C(1) << (number % 64);
}

/* Notes that a number above POSITION's highest came at NOW_NS. */
static inline void position_note_pause(struct position *position, uint64_t now_ns)
{
    uint64_t pause = now_ns > position->highest_ns ? now_ns - position->highest_ns : 0;
    uint64_t units = pause >> PAUSE_SHIFT;

    position->pauses[1] = position->pauses[0];
    position->pauses[0] = units < UINT8_MAX ? (uint8_t)units : UINT8_MAX;
    position->highest_ns = now_ns;
}

/* Sets the bits of COUNT numbers from FIRST on to VALUE. */
void memory_fill(uint64_t words[MEMORY_WORDS], uint64_t first, uint64_t count, int value);

/* Where POSITION's SA starts, if what it took over from is not kept, else where it took over. */
uint64_t position_sa_start(const struct sequencer *sequencer, const struct position *position);

/* The first position of POSITION's SA, of those that are kept. */
const struct position *position_first(const struct sequencer *sequencer,
                                      const struct position *position);

/* The number that is 0 on the wire where the numbers of POSITION's SA start. */
uint64_t position_epoch(const struct sequencer *sequencer, const struct position *position);

/* The upper half to add to the numbers of POSITION's SA, if MKA gave one (upper.h); else 0. */
uint64_t position_upper(const struct sequencer *sequencer, const struct position *position);

/* The number that is reported as 0: numbers of POSITION's SA are reported as they are above it. */
uint64_t position_zero(const struct sequencer *sequencer, const struct position *position);

/* Initialises POSITION of FLOW with the single NUMBER of ASSOCIATION, which arrived at NOW_NS. */
void position_begin(struct position *position, const struct flow *flow, unsigned association,
                    uint64_t number, uint64_t now_ns);

/* Frees the position HANDLE with all that it holds. */
void position_free(struct sequencer *sequencer, uint32_t handle);

/* Whether NUMBER, which POSITION remembers, came. */
int position_saw(const struct sequencer *sequencer, const struct position *position,
                 uint64_t number);

/* The highest number of POSITION, but for STRAYS above it. */
uint64_t position_front(const struct sequencer *sequencer, const struct position *position);

/* How many of the numbers FIRST to LAST, which POSITION remembers and which are not below its
 * lowest, did not come. */
uint64_t position_count_missing(const struct sequencer *sequencer, const struct position *position,
                                uint64_t first, uint64_t last);

/* Marks NUMBER, which POSITION remembers, as seen or not. Returns 0, or -1: no memory. */
int position_mark(struct sequencer *sequencer, struct position *position, uint64_t number,
                  int was_seen);

/* The memory of POSITION, allocated if necessary. Returns NULL: no memory. */
struct memory *position_memory(struct sequencer *sequencer, struct position *position);

/* Sets SEEN, as in struct memory, to the numbers that POSITION remembers to have come. */
void position_copy_seen(const struct sequencer *sequencer, const struct position *position,
                        uint64_t seen[MEMORY_WORDS]);

/* Makes POSITION forget that numbers below NUMBER arrived. */
void position_forget_below(struct sequencer *sequencer, struct position *position, uint64_t number);

/* Moves POSITION to the highest number of FROM, and adds what FROM saw above POSITION's own. */
void position_move_on(struct sequencer *sequencer, struct position *position,
                      const struct position *from);

/* Receives a number in the window. Returns 1 when it is new, 0 for a duplicate, -1: no memory. */
int position_take(const struct arrival *arrival, struct position *position, uint64_t number);

/* Whether NUMBER, if it is missing, was declared lost, so that a later arrival is late. */
int position_gave_up(const struct sequencer *sequencer, const struct position *position,
                     uint64_t number);

/* Makes NUMBER, which POSITION had accepted, missing again. */
void position_unaccept(struct sequencer *sequencer, struct position *position, uint64_t number,
                       uint64_t now_ns);

/* Declares everything lost that is missing at POSITION, which has a stance. */
void position_give_up(struct sequencer *sequencer, struct flow *flow, struct position *position);

/* Adds PART to TOTAL. */
void figures_add(struct sequence_figures *total, const struct sequence_figures *part);

/* --- missing.c --- */

/* Adds RUN behind all other runs of POSITION. Without memory it is declared lost at once. */
void missing_append(const struct arrival *arrival, struct position *position,
                    const struct missing_run *run);

/* Adds RUN in front of all other runs of POSITION. Without memory it is declared lost at once. */
void missing_prepend(const struct arrival *arrival, struct position *position,
                     const struct missing_run *run);

/* Adds RUN at its place; no number of it is missing yet. Without memory it is forgotten. */
void missing_put_back(struct sequencer *sequencer, struct position *position,
                      const struct missing_run *run);

/* NUMBER arrived: removes it from the missing numbers. */
void missing_fill(const struct arrival *arrival, struct position *position, uint64_t number);

/* Counts the numbers FIRST to LAST, which another position joined to POSITION accepted: those that
 * POSITION accepted, too, are duplicates; its missing runs have all others. */
void missing_join(const struct arrival *arrival, struct position *position, uint64_t first,
                  uint64_t last);

/* The same of all numbers that FROM accepted, up to LAST. */
void missing_join_from(const struct arrival *arrival, const struct position *from,
                       struct position *to, uint64_t last);

/* Makes NUMBER missing. Returns 0 when it was missing already, else 1. */
int missing_insert(struct sequencer *sequencer, struct position *position, uint64_t number,
                   uint64_t now_ns);

/* NUMBER, which was lost at POSITION, came late: counts it in its gap. */
void missing_came_late(struct sequencer *sequencer, const struct position *position,
                       uint64_t number);

/* NUMBER, which missing_came_late() counted, is of another SA. */
void missing_was_not_late(struct sequencer *sequencer, const struct position *position,
                          uint64_t number);

/* The numbers that FROM saw are of another SA: they did not come late to POSITION. */
void missing_take_back_late(struct sequencer *sequencer, const struct position *position,
                            const struct position *from);

/* Whether NUMBER is missing. */
int missing_has(const struct sequencer *sequencer, const struct position *position,
                uint64_t number);

/* Forgets the missing numbers below NUMBER, which are no loss. */
void missing_drop_below(struct sequencer *sequencer, struct position *position, uint64_t number);

/* Forgets the missing numbers from NUMBER on. */
void missing_drop_from(struct sequencer *sequencer, struct position *position, uint64_t number);

/* TO continues the SA where FROM stopped: moves FROM's missing numbers to TO. */
void missing_hand_over(const struct arrival *arrival, struct position *from, struct position *to);

/* Undoes missing_hand_over(): what FROM misses up to the highest number of TO is missing at TO. */
void missing_hand_back(const struct arrival *arrival, struct position *from, struct position *to);

/* Whether the sensor may have lost the frames of RUN of FLOW. Those behind a jump may have come
 * before those in front of it. While frames are counted that the sensor missed, their times are
 * only known to be in the span `played`. */
int missing_while_dropping(const struct sequencer *sequencer, const struct flow *flow,
                           const struct missing_run *run);

/* Declares RUN of POSITION lost, except for its numbers below POSITION's start. */
void missing_declare(struct sequencer *sequencer, const struct flow *flow,
                     struct position *position, const struct missing_run *run);

/* Declares lost the runs that end at LAST or below: they become gaps. */
void missing_expire(struct sequencer *sequencer, struct flow *flow, struct position *position,
                    uint64_t last);

#endif
