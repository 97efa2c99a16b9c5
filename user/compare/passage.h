/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * One SA at two vantage points: the numbers that passed them, the places where others were lost,
 * and the delays of the frames.
 *
 * Only the stretch that both points saw is counted. An SA that came into use while both watched is
 * counted from its first number, any other from the first number that both had reached. Numbers
 * that the first point saw after the second point's last number are lost, unless the second point
 * had stopped watching.
 */
#ifndef GAPWATCH_COMPARE_PASSAGE_H
#define GAPWATCH_COMPARE_PASSAGE_H

#include "compare/delay/delay_log.h"
#include "compare/point/point.h"

/* An SA whose frames pass one point and then another. */
struct passage {
    const struct point *from;
    const struct point *to;
    const struct point_sa *first;  /* at FROM; NULL: only TO saw it */
    const struct point_sa *second; /* at TO; NULL: only FROM saw it */
    uint64_t shift;                /* added to the second's numbers makes them the first's */
    int64_t offset_ns; /* about the smallest difference of the times; exact where both saw it */
    int64_t start_offset_ns; /* the same at its start, before a clock was set */
    int64_t end_offset_ns;   /* and at its end */
    int64_t start_most_ns;   /* about the largest difference of the times at its start */
    int64_t end_most_ns;     /* and at its end */
};

/* The numbers that passed one point while the other one watched, so that it would have seen them,
 * too. Numbers from FIRST to LAST certainly did, because no frame overtakes that many others. */
struct watched {
    int64_t from_ns;
    int64_t until_ns;
    uint64_t first;
    uint64_t last;
    int has_numbers; /* FIRST and LAST are known */
};

/* The part of a passage that both points watched. */
struct stretch {
    uint64_t start;           /* first number */
    int is_whole;             /* the SA came into use in it */
    struct watched at_first;  /* numbers that passed the first point while the second watched */
    struct watched at_second; /* and the second point while the first watched */
    uint64_t second_last;     /* the second's last number */
    uint64_t skipped;         /* numbers that the sender skipped */
};

struct passage_figures {
    uint64_t received_both;
    uint64_t lost_before;       /* missing at both */
    uint64_t lost_between;      /* missing at the second */
    uint64_t lost_undetermined; /* the part of lost_between that the second sensor may have lost
                                   itself */
    uint64_t lost_tail;         /* the part of lost_between behind the second's last number */
    uint64_t missed;            /* missing at the first: its own capture, or another path */
    uint64_t duplicated;        /* copies that were not there at the first */
    uint64_t reordered;         /* overtaken since the first */
    uint64_t first_ns;          /* the stretch, at the first point; 0: nothing was seen */
    uint64_t last_ns;
    struct delay_times times; /* the caller releases them */
};

/* Sets the offsets of PASSAGE: exactly if both points saw the SA, else to OFFSET_NS. */
void passage_measure(struct passage *passage, int64_t offset_ns);

/* Sets FIGURES to those of PASSAGE. DELAYS is scratch memory. Returns 0, or -1: no memory. */
int passage_count(const struct passage *passage, struct passage_figures *figures,
                  struct delays *delays);

/* Adds PART to TOTAL, except for delays. */
void passage_figures_add(struct passage_figures *total, const struct passage_figures *part);

#endif
