/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Compares two vantage points: where each SA's frames were lost, and how long they took. */
#ifndef GAPWATCH_COMPARE_COMPARISON_H
#define GAPWATCH_COMPARE_COMPARISON_H

#include "base/error.h"
#include "compare/match/align.h"
#include "compare/passage.h"

enum way {
    WAY_A_TO_B,
    WAY_B_TO_A, /* B is the first point: the figures say "before A" for before B, and so on */
};

/* One SA. */
struct compared_sa {
    struct passage passage;
    enum way way;
    int is_mixed; /* as struct pair has it: its figures may not be exact */
    struct passage_figures figures;
};

/* The SAs of a lineage: those of one tunnel in one direction. */
struct compared_lineage {
    struct flow_key lineage; /* its first flow */
    enum way way;
    size_t sas;
    struct passage_figures figures; /* sums of all but the delays */
};

struct comparison {
    const struct point *a; /* not owned, like the next one */
    const struct point *b;
    struct pairs pairs;
    struct compared_sa *sas; /* by flow, association and time */
    size_t count;
    struct compared_lineage *lineages; /* of the SAs whose lineage is known, by the first flow */
    size_t lineage_count;
    size_t only_a; /* SAs of flows that only A saw: their path does not lead past B */
    size_t only_b;
    size_t sas_of[2];                /* by way */
    size_t mixed_of[2];              /* those of them that are mixed */
    int is_offset_bounded;           /* both ways have delays, and their sum is that of a path */
    int64_t least_ns[2];             /* by way: smallest time at B minus time at A, or A minus B */
    uint64_t samples[2];             /* by way: frames that both saw */
    struct passage_figures total[2]; /* by way: sums of all but the delays */
};

/* Compares A with B, which must outlive COMPARISON. Returns 0, or -1 with ERROR set: no memory. The
 * caller releases COMPARISON in either case. */
int comparison_make(struct comparison *comparison, const struct point *a, const struct point *b,
                    enum match match, struct error *error);

/* The first flow of SA's lineage, from the first point, or from the second when the first does not
 * know it. All zeros: not known. */
struct flow_key compared_lineage_of(const struct compared_sa *sa);

/* Frees the memory of COMPARISON. */
void comparison_release(struct comparison *comparison);

#endif
