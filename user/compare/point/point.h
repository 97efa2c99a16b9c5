/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A vantage point: the SAs that one side of a comparison saw, with their numbers and times. It is
 * read from capture files (compare/files/), which give the time of every number, or from a
 * database, which has the numbers that are missing and the times of some others. */
#ifndef GAPWATCH_COMPARE_POINT_POINT_H
#define GAPWATCH_COMPARE_POINT_POINT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/units.h"
#include "compare/point/frame_log.h"
#include "track/sequence/sa.h"

/* A frame whose number is not above all numbers before it: delayed, or a copy. */
struct stray {
    uint64_t number;
    uint64_t time_ns;
    size_t order;  /* strays of an SA are numbered in the order of arrival */
    int is_behind; /* a higher number had arrived before */
};

/* A run of missing numbers. */
struct missing {
    uint64_t first;
    uint64_t last;
    uint64_t late;       /* how many of them came later; which ones is not known */
    int is_undetermined; /* the sensor may have lost them itself */
};

/* What a vantage point saw of one SA. Numbers are extended to 64 bits, starting at the first one on
 * the wire. */
struct point_sa {
    struct sa_change sa; /* as the tracker found it */
    int is_new; /* it came into use while the point watched, as far as the point can tell */
    uint64_t begins_with;          /* its first number then */
    const struct sighting *rising; /* its frames that were above all before; from a database, all
                                      samples. The point owns them, like GAPS. */
    size_t rising_count;
    const struct missing *gaps; /* in the order of numbers: from a database, all; from files, those
                                   that are undetermined */
    size_t gap_count;
    uint64_t late_left; /* late frames of the SA that are in no gap so far, while they are read */
    uint64_t early; /* how many numbers below its first one came, overtaken by it; 0 from files */
    uint64_t unlisted;  /* numbers that it lost and that are in no gap of the database */
    uint64_t unsettled; /* how many of its last numbers may be missing without a gap so far, because
                           the capture goes on; 0 from files */
    uint64_t gaps_ns;   /* the time of its first gap in the database */
    int is_cut;         /* it began before its first number here: see complete.h */
    int is_incomplete;  /* the database had no room for some of its gaps */
    struct flow_key lineage; /* the first flow of its lineage; all zeros: not known */
    int is_sampled;          /* from a database; else all numbers are there */
    int is_replaced;         /* by SAs found in the frames of both points; it is removed soon */
    int64_t row;             /* in the database */
    struct stray *strays;    /* its other frames, in the order of numbers */
    size_t stray_count;
    size_t stray_capacity;
    struct sighting *left_out; /* frames that belong to no SA, as far as this point alone can tell;
                                  with their numbers on the wire */
    size_t left_out_count;
    size_t joint; /* if it was found in the frames of both points: its number there; else 0 */
};

struct point {
    char *name;           /* the files */
    struct point_sa *sas; /* in the order of point_sa_compare() */
    size_t sa_count;
    size_t sa_capacity;
    int is_sampled;       /* from a database; else all numbers are there */
    struct frame_log log; /* of files */
    struct missing *gaps; /* of all SAs, in one array like the samples of a database */
    size_t gap_count;
    struct sighting *samples;
    size_t sample_count;
    uint64_t start_ns;    /* when it began to watch: its first frame */
    uint64_t end_ns;      /* its last frame, or when a live sensor ended */
    uint64_t tail_ns;     /* how much later it may have ended */
    uint64_t frames;      /* all frames that it read */
    uint64_t omitted_sas; /* SAs for which there was no room */
    uint64_t clock_steps; /* as struct source_statistics has them */
    uint32_t window;      /* replay window, in sequence numbers */
    uint64_t kept_ns;     /* the database has all gaps since then; POINT_TIME_MAX: not known */
    uint64_t sas_ns;      /* retention may have removed SAs that ended before; 0: none */
    int is_open;          /* the capture of the database has not ended */
    int has_omitted_gaps; /* the database had no room for some gaps */
};

/* A capture file does not show when capturing ended. If the other point saw frames for longer than
 * this after a point's last frame, that point had stopped watching; until then, missing frames were
 * lost. */
#define TAIL_NS NS_PER_SECOND

/* Times after 2116 are cut to it, so that sums and differences of any two fit into 64 bits. */
#define POINT_TIME_MAX ((UINT64_C(1) << 62) - (UINT64_C(1) << 40))

/* TIME_NS, or the latest possible time. */
static inline uint64_t point_time(uint64_t time_ns)
{
    return time_ns < POINT_TIME_MAX ? time_ns : POINT_TIME_MAX;
}

/* Frees what POINT holds, which may be all zeros. */
void point_release(struct point *point);

/* The index of the first of SA's gaps that ends at NUMBER or behind it; their count: there is none.
 */
size_t point_sa_gap_from(const struct point_sa *sa, uint64_t number);

/* Frees those frames of SA that it owns. */
void point_sa_release(struct point_sa *sa);

/* Adds a copy of SA without frames. Returns it, or NULL: no memory. The pointer is valid until the
 * next call. */
struct point_sa *point_add(struct point *point, const struct sa_change *sa);

/* The order of the SAs LEFT and RIGHT, for qsort(): by flow, association, and time. */
int point_sa_compare(const void *left, const void *right);

/* Called when all SAs were added, before their frames: sorts them, and finds out which of them came
 * into use while the point watched. */
void point_arrange(struct point *point);

/* When POINT began to watch an SA. AT is the SA there, or NULL if it is not there. */
uint64_t point_since(const struct point *point, const struct point_sa *at);

/* Whether POINT, whose clock is OFFSET_NS ahead of that of SA's point, did not watch for most of
 * the time of SA. */
int point_is_unwatched(const struct point *point, const struct sa_change *sa, int64_t offset_ns);

/* About how far behind the highest number the frames of SA came. */
uint64_t point_sa_reach(const struct point_sa *sa);

/* The index of the first of SA's rising frames whose number is at least NUMBER, or their count. */
size_t point_sa_find(const struct point_sa *sa, int64_t number);

/* The highest number of SA that came by TIME_NS, from its samples and its ends; one below its first
 * when none had come. */
uint64_t point_sa_number_by(const struct point_sa *sa, int64_t time_ns);

/* The last number of SA of which the point knows whether it is missing. */
static inline uint64_t point_sa_settled(const struct point_sa *sa)
{
    return sa->sa.last_sequence - sa->unsettled;
}

/* The end of the run of SAs that starts at index FROM and has one flow and association. */
size_t point_run_end(const struct point *point, size_t from);

#endif
