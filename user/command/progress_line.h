/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What a live capture says on standard error while it runs. */
#ifndef GAPWATCH_COMMAND_PROGRESS_LINE_H
#define GAPWATCH_COMMAND_PROGRESS_LINE_H

#include "live/worker.h"

struct progress_line {
    const char *interface;
    struct worker *workers; /* COUNT of them; not owned */
    unsigned count;
    uint64_t every_ns; /* between two lines; 0: none is shown */
    uint64_t started_ns;
    uint64_t shown_ns; /* when the last line was */
    uint64_t shown_frames;
};

/* Starts at NOW_NS, on the monotonic clock. On a terminal there is a line a second. */
void progress_line_begin(struct progress_line *line, uint64_t now_ns, int is_quiet);

/* Says what became of the interface, and prints a line when it is time. */
void progress_line_update(struct progress_line *line, uint64_t now_ns);

#endif
