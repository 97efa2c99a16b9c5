/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What a live capture says on standard error while it runs. */
#ifndef GAPWATCH_COMMAND_PROGRESS_LINE_H
#define GAPWATCH_COMMAND_PROGRESS_LINE_H

#include <stdint.h>

#include "session/session.h"

struct progress_line {
    struct session *session; /* not owned */
    int is_named;            /* the line says of which interface it is */
    uint64_t every_ns;       /* between two lines; 0: none is shown */
    uint64_t shown_ns;       /* when the last line was, on the monotonic clock */
    uint64_t shown_frames;
};

/* Begins to show the progress of SESSION, which has started and outlives LINE: on a terminal a line
 * a second, unless IS_QUIET. IS_NAMED: there are several sessions. */
void progress_line_begin(struct progress_line *line, struct session *session, int is_named,
                         int is_quiet);

/* Says what became of the interface, and prints a line when it is time for one at NOW_NS, on the
 * monotonic clock. */
void progress_line_update(struct progress_line *line, uint64_t now_ns);

#endif
