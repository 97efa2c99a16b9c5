/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The progress bar of a long file: share, rate and time left, on a terminal only. */
#ifndef GAPWATCH_REPORT_PROGRESS_H
#define GAPWATCH_REPORT_PROGRESS_H

#include <stdint.h>
#include <stdio.h>

struct progress {
    FILE *to; /* NULL: none is shown */
    uint64_t size;
    double started; /* seconds on the monotonic clock */
    double shown;
    int is_visible;
};

/* A bar over SIZE octets of file (0: unknown), on TO when that is a terminal and not IS_QUIET. */
void progress_begin(struct progress *progress, FILE *to, uint64_t size, int is_quiet);

/* OCTETS of the file and FRAMES in it are done. Redraws a few times a second at most. */
void progress_update(struct progress *progress, uint64_t octets, uint64_t frames);

/* Wipes the bar out. */
void progress_end(struct progress *progress);

#endif
