/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Frames lost between a mirror (ERSPAN, GRE) and the sensor. Mirrors number their frames, so a
 * missing number is a frame that did not reach the sensor. Its flow is not known, so gaps at that
 * time are undetermined. */
#ifndef GAPWATCH_TRACK_SEQUENCE_MIRRORS_H
#define GAPWATCH_TRACK_SEQUENCE_MIRRORS_H

#include <stdint.h>

#include "record.h"
#include "track/drop_periods.h"

/* Mirrors that are followed at a time; beyond, the one silent for longest is forgotten. */
#define MIRRORS_MAX 64

/* A place in number space where a mirror's frames come. */
struct mirror_numbers {
    uint64_t came; /* a bit for each of the last 64 numbers: bit 0 is the highest; 0: no place */
    uint64_t lost; /* numbers missing since it left the place before */
    uint32_t highest;
    uint32_t frames; /* up to a limit */
};

struct mirror {
    struct flow_key key; /* the tunnel; its protocol is 0 where there is none */
    uint64_t last_ns;    /* when the last frame came whose number was not strange */
    uint64_t strange_ns; /* when the last strange one came after it; 0: none */
    struct mirror_numbers believed;
    struct mirror_numbers other; /* of strange numbers, or the one that was believed before */
    uint32_t row;                /* frames in a row at the other */
    uint32_t is_other_newer;
};

struct mirrors {
    struct mirror *mirrors; /* MIRRORS_MAX; NULL until the first */
    uint64_t lost;          /* frames, by all of them */
    uint64_t strange_ns;    /* when the last strange number came */
};

/* Frees the memory of MIRRORS. */
void mirrors_release(struct mirrors *mirrors);

/* Takes the RECORD of a mirror's number. If it shows that frames were lost, adds the time to BLIND.
 * Without memory, nothing is counted. */
void mirrors_receive(struct mirrors *mirrors, const struct frame_record *record,
                     struct drop_periods *drops);

/* Whether frames may have been lost between FROM_NS and UNTIL_NS by one of MIRRORS (NULL: there are
 * none), whose last numbers are strange: the next ones will tell if they were forged. */
int mirrors_doubt(const struct mirrors *mirrors, uint64_t from_ns, uint64_t until_ns);

/* The clock was set: moves all times by STEP_NS. */
void mirrors_shift_time(struct mirrors *mirrors, int64_t step_ns);

#endif
