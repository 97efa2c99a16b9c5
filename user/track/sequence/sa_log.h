/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Ended SAs, kept for the report at the end. */
#ifndef GAPWATCH_TRACK_SEQUENCE_SA_LOG_H
#define GAPWATCH_TRACK_SEQUENCE_SA_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "track/sequence/sa.h"

/* Bounds the memory of a log to about 70 MB. */
#define SAS_KEPT_MAX 262144

struct sa_log {
    struct sa_change *sas;
    size_t count;
    size_t capacity;
    uint64_t omitted; /* SAs for which there was no room */
};

/* Frees the memory of LOG. */
void sa_log_release(struct sa_log *log);

/* Adds a copy of SA, which has ended or whose flow leaves; counts it as omitted when there is no
 * room. */
void sa_log_add(struct sa_log *log, const struct sa_change *sa);

/* Moves the times of all SAs by STEP_NS, after the clock was set. */
void sa_log_shift_time(struct sa_log *log, int64_t step_ns);

#endif
