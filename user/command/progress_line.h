/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The progress lines of a live capture, on standard error. */
#ifndef GAPWATCH_COMMAND_PROGRESS_LINE_H
#define GAPWATCH_COMMAND_PROGRESS_LINE_H

#include <stdint.h>

#include "hook/hook.h"
#include "session/session.h"

struct progress_line {
    struct hook *hook;       /* is told of changes of the interface; not owned */
    struct session *session; /* not owned */
    int is_named;            /* the line starts with the name of the interface */
    uint64_t every_ns;       /* time between two lines; 0: no lines */
    uint64_t shown_ns;       /* when the last line was printed, on the monotonic clock */
    uint64_t shown_frames;
};

/* Starts the lines of SESSION, which has started; it and HOOK must outlive LINE. There is one a
 * second on a terminal, and fewer elsewhere; none if IS_QUIET. IS_NAMED: there are several
 * sessions. */
void progress_line_begin(struct progress_line *line, struct session *session, struct hook *hook,
                         int is_named, int is_quiet);

/* Prints changes of the interface, and a progress line when it is due at NOW_NS (monotonic
 * clock). */
void progress_line_update(struct progress_line *line, uint64_t now_ns);

#endif
