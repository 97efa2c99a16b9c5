/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The progress bar for a long file, on a terminal only: share, rate and time left. */
#ifndef GAPWATCH_REPORT_PROGRESS_H
#define GAPWATCH_REPORT_PROGRESS_H

#include <stdint.h>
#include <stdio.h>

struct progress {
    FILE *to; /* NULL: the bar is not shown */
    uint64_t size;
    double started; /* seconds on the monotonic clock */
    double shown;
    int is_visible;
};

/* Starts a bar for SIZE octets (0: unknown) on TO, if that is a terminal and not IS_QUIET. */
void progress_begin(struct progress *progress, FILE *to, uint64_t size, int is_quiet);

/* Shows that OCTETS of the file and FRAMES were read. Redraws a few times a second at most. */
void progress_update(struct progress *progress, uint64_t octets, uint64_t frames);

/* Removes the bar of PROGRESS. */
void progress_end(struct progress *progress);

#endif
