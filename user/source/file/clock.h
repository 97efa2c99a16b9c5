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

/* Which frames before the last one had a wrong timestamp, as the last one shows. */
enum wrong_times {
    WRONG_NONE,
    WRONG_LAST, /* the frame before it, which stood alone */
    WRONG_ALL,  /* all of the file before it, which is the first one */
};

/* Only the frame behind a longer pause tells a pause from a wrong timestamp. */
#define FILE_CLOCK_PAUSE_NS (60 * NS_PER_SECOND)

/* Frames are counted up to the third, which tells whether the first one's timestamp was wrong. */
#define FILE_CLOCK_FRAMES 3

/* All zeros before the first frame. */
struct file_clock {
    uint64_t last_ns;   /* the last time returned */
    uint64_t before_ns; /* the time before that, or the correct time of wrong timestamps */
    int64_t offset_ns;  /* added to timestamps of the file */
    int64_t former_ns;  /* the offset before the last step */
    uint64_t set_ns;    /* the last time at which the clock was set, so that it is unknown how much
                           time passed; 0: it was not */
    uint64_t steps;     /* a single wrong timestamp counts as one */
    unsigned frames;    /* of this file so far, up to 3 */
    int has_stepped;    /* at the last frame */
    int is_open;        /* the last time came after a pause, if it was a pause: the next frame will
                         * tell */
    enum wrong_times wrong; /* these frames have the time `before_ns` instead */
};

/* As file_clock_time(), where the timestamp may be unusual. */
uint64_t file_clock_unusual_time(struct file_clock *clock, uint64_t stamp_ns);

/* Whether STAMP_NS comes shortly after a frame whose time is certain, as nearly all do. */
static inline int file_clock_is_usual(const struct file_clock *clock, uint64_t stamp_ns)
{
    uint64_t passed_ns = stamp_ns + (uint64_t)clock->offset_ns - clock->last_ns;

    return passed_ns <= FILE_CLOCK_PAUSE_NS && !clock->has_stepped && !clock->is_open &&
           clock->frames == FILE_CLOCK_FRAMES;
}

/*
 * Returns the time of the next frame in the file, whose timestamp is STAMP_NS. A timestamp far
 * ahead of the frame before it, or well behind it, is a step of the clock, during which no time
 * passed. Sets `wrong`.
 */
static inline uint64_t file_clock_time(struct file_clock *clock, uint64_t stamp_ns)
{
    if (!file_clock_is_usual(clock, stamp_ns))
        return file_clock_unusual_time(clock, stamp_ns);
    clock->wrong = WRONG_NONE;
    return clock->last_ns = stamp_ns + (uint64_t)clock->offset_ns;
}

/* Called when a file of another time follows: forgets the offset by which the clock was set, but
 * remembers that it was never set. */
void file_clock_next_file(struct file_clock *clock);

/* Called when the first frame of a file has the timestamp STAMP_NS, which is wrong: it came at
 * RIGHT_NS. */
void file_clock_begin_at(struct file_clock *clock, uint64_t stamp_ns, uint64_t right_ns);

#endif
