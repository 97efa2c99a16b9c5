/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The counters of an interface, from its statistics blocks (draft-ietf-opsawg-pcapng, 4.6). They
 * may begin anew, or overflow, from one block to the next. */
#ifndef GAPWATCH_SOURCE_CAPTURE_FILE_COUNTERS_H
#define GAPWATCH_SOURCE_CAPTURE_FILE_COUNTERS_H

#include <stdint.h>

/* Counts of lost frames end here, because the store's numbers have 63 bits. */
#define LOST_MAX ((uint64_t)INT64_MAX)

/* COUNT, LOST_MAX at most. */
static inline uint64_t lost_limited(uint64_t count)
{
    return count < LOST_MAX ? count : LOST_MAX;
}

/* A + B, LOST_MAX at most. Neither is more. */
static inline uint64_t lost_sum(uint64_t a, uint64_t b)
{
    return lost_limited(a + b);
}

/* A number that is optional in a block. */
struct count {
    int is_said;
    uint64_t value;
};

/* The statistics in one block. */
struct interface_counts {
    uint64_t start_ns;     /* start of the capture; 0: not known */
    struct count dropped;  /* isb_ifdrop: by the interface */
    struct count accepted; /* isb_filteraccept: by the filter */
    struct count os_lost;  /* isb_osdrop: behind the filter, by the operating system */
};

struct counter {
    uint64_t last; /* from the last block that has it */
    uint64_t sum;  /* since the first */
};

/* All zeros at first. */
struct interface_counters {
    uint64_t start_ns; /* from the last block */
    struct counter dropped;
    struct counter accepted;
    struct counter os_lost;
    int has_accepted;
};

/* Takes the next block. Returns whether the counters started again from zero since the one before,
 * so that what they counted in between is not known. */
int counters_take(struct interface_counters *counters, const struct interface_counts *counts);

/* The number of frames lost so far, LOST_MAX at most. Frames that the filter accepted and that are
 * not among the RECORDS packets of the capture so far were lost, too. */
uint64_t counters_lost(const struct interface_counters *counters, uint64_t records);

#endif
