/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Makes the timestamps of a capture file continuous. The clock of the host that wrote it may have
 * been set (often from 1970 to the present), and a damaged record may have any time. Neither may
 * count as the duration of a flow.
 */
#ifndef GAPWATCH_SOURCE_FILE_CLOCK_H
#define GAPWATCH_SOURCE_FILE_CLOCK_H

#include <stdint.h>

#include "base/units.h"

/* 1990-01-01. No capture file is older, so a clock that shows an earlier time was never set. */
#define NEVER_SET_BEFORE_NS (UINT64_C(631152000) * NS_PER_SECOND)

/* All zeros before the first frame. */
struct file_clock {
    uint64_t last_ns;   /* the last time returned */
    uint64_t before_ns; /* the time before that, or the correct time of wrong timestamps */
    int64_t offset_ns;  /* added to timestamps of the file */
    int64_t former_ns;  /* the offset before the last step */
    uint64_t steps;     /* a single wrong timestamp counts as one */
    unsigned frames;    /* of this file so far, up to 3 */
    int has_stepped;    /* at the last frame */
    int is_open;        /* the last time came after a pause, if it was a pause: the next frame will
                         * tell */
    int last_was_wrong; /* the frame before the last one has the time `before_ns` instead */
    int all_were_wrong; /* all frames before the last one have the time `before_ns` instead */
};

/*
 * Returns the time of the next frame in the file, whose timestamp is STAMP_NS. A timestamp far
 * ahead of the frame before it, or well behind it, is a step of the clock, during which no time
 * passed. Sets `last_was_wrong` if the timestamp of the frame before was wrong and stood alone, and
 * `all_were_wrong` if that of the first frame was.
 */
uint64_t file_clock_time(struct file_clock *clock, uint64_t stamp_ns);

/* Called when a file of another time follows: forgets the offset by which the clock was set, but
 * remembers that it was never set. */
void file_clock_next_file(struct file_clock *clock);

/* Called when the first frame of a file has the timestamp STAMP_NS, which is wrong: it came at
 * RIGHT_NS. */
void file_clock_begin_at(struct file_clock *clock, uint64_t stamp_ns, uint64_t right_ns);

#endif
