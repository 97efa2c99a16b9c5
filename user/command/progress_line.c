/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command/progress_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/service.h"
#include "base/units.h"

#define TERMINAL_EVERY_NS  NS_PER_SECOND
#define OTHERWISE_EVERY_NS (10 * NS_PER_SECOND)

static void show(struct progress_line *line, uint64_t now_ns)
{
    struct session_progress progress = session_progress(line->session);
    double since_start = (double)(now_ns - line->session->started_ns) / (double)NS_PER_SECOND;
    double since_last = (double)(now_ns - line->shown_ns) / (double)NS_PER_SECOND;

    fprintf(stderr, "[%.1fs] ", since_start);
    if (line->is_named)
        fprintf(stderr, "%s: ", line->session->name);
    fprintf(stderr, "Packets: %" PRIu64 ", Gaps: %" PRIu64 ", Flows: %" PRIu64 ", Rate: %.0f pps",
            progress.frames, progress.gaps, progress.flows,
            (double)(progress.frames - line->shown_frames) / since_last);
    if (progress.drops)
        fprintf(stderr, ", Dropped: %" PRIu64, progress.drops);
    fputc('\n', stderr);
    line->shown_ns = now_ns;
    line->shown_frames = progress.frames;
}

static void say_events(struct progress_line *line)
{
    static const struct {
        const char *state; /* name of the state in the lines of --on-event */
        const char *words; /* message on standard error */
    } said[] = {
        [INTERFACE_WENT_DOWN] = {"down", "is down; still watching"},
        [INTERFACE_CAME_UP] = {"up", "is up"},
        [INTERFACE_WENT_AWAY] = {"away", "has gone away; waiting for it to come back"},
        [INTERFACE_CAME_BACK] = {"back", "has come back and is watched again"},
        [INTERFACE_FRONT_TAKEN] = {"behind_other",
                                   "has another program in front of ours: frames that it keeps, "
                                   "drops or redirects are not seen"},
        [INTERFACE_FRONT_FREE] = {"in_front", "has no other program in front of ours any more"},
        [INTERFACE_DETACHED] = {"detached", "lost our program, which somebody has detached; "
                                            "attaching it again"},
    };
    enum interface_event event;
    const char *interface;

    while ((event = session_event(line->session, &interface)) != INTERFACE_SAME) {
        fprintf(stderr, "gapwatch: %s %s\n", interface, said[event].words);
        hook_tell_state(line->hook, interface, said[event].state);
    }
}

void progress_line_begin(struct progress_line *line, struct session *session, struct hook *hook,
                         int is_named, int is_quiet)
{
    *line = (struct progress_line){
        .hook = hook,
        .session = session,
        .is_named = is_named,
        .every_ns = isatty(STDERR_FILENO) ? TERMINAL_EVERY_NS : OTHERWISE_EVERY_NS,
        .shown_ns = session->started_ns,
    };
    if (is_quiet || service_is_managed()) /* the journal should have events only */
        line->every_ns = 0;
}

void progress_line_update(struct progress_line *line, uint64_t now_ns)
{
    say_events(line);
    if (line->every_ns && now_ns - line->shown_ns >= line->every_ns)
        show(line, now_ns);
}
