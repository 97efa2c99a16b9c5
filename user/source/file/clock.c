/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/file/clock.h"

#include "base/units.h"

/* Captures pause for days, and frames of several interfaces are out of order by seconds. Larger
 * steps are steps of the clock. */
#define AHEAD_MAX_NS  (30 * 24 * 3600 * (int64_t)NS_PER_SECOND)
#define BEHIND_MAX_NS (60 * (int64_t)NS_PER_SECOND)

/* Whether a frame at TIME_NS may come behind one at LAST_NS. */
static int goes_on(uint64_t last_ns, uint64_t time_ns)
{
    int64_t passed_ns = (int64_t)(time_ns - last_ns);

    return passed_ns <= AHEAD_MAX_NS && passed_ns >= -BEHIND_MAX_NS;
}

static uint64_t distance(uint64_t a_ns, uint64_t b_ns)
{
    return a_ns > b_ns ? a_ns - b_ns : b_ns - a_ns;
}

/* The last time is wrong: TIME_NS goes on from the one before it. */
static uint64_t leave_out_last(struct file_clock *clock, uint64_t time_ns)
{
    clock->wrong = WRONG_LAST;
    clock->steps++;
    return time_ns;
}

/* The time of STAMP_NS behind a step of the clock. If the clock HAS_STEPPED at the frame before and
 * steps back, that was a single wrong timestamp. */
static uint64_t step(struct file_clock *clock, uint64_t stamp_ns, int has_stepped)
{
    uint64_t time_ns = stamp_ns + (uint64_t)clock->former_ns;
    int64_t offset_ns = clock->former_ns;
    int is_back = goes_on(clock->last_ns, time_ns);

    if (!is_back) {
        time_ns = clock->set_ns = clock->last_ns;
        offset_ns = (int64_t)(time_ns - stamp_ns);
    } else if (has_stepped) {
        clock->set_ns = 0;
    }
    if (!is_back || !has_stepped) {
        clock->steps++;
        clock->has_stepped = 1;
    }
    clock->former_ns = clock->offset_ns;
    clock->offset_ns = offset_ns;
    return time_ns;
}

/* Called when the clock stepped at the frame before. Returns whether only that frame's timestamp
 * was wrong, because STAMP_NS fits better with the offset before the step. */
static int steps_back(const struct file_clock *clock, uint64_t stamp_ns)
{
    uint64_t former_ns = stamp_ns + (uint64_t)clock->former_ns;

    return goes_on(clock->last_ns, former_ns) &&
           distance(former_ns, clock->last_ns) <
               distance(stamp_ns + (uint64_t)clock->offset_ns, clock->last_ns);
}

/* Whether STAMP_NS, which is at TIME_NS with the present offset, is by the clock from before the
 * last step: with that one it follows soon, and not after a pause. So it is where two clocks take
 * turns, as those of two interfaces do. */
static int takes_turns(const struct file_clock *clock, uint64_t stamp_ns, uint64_t time_ns)
{
    return (int64_t)(time_ns - clock->last_ns) > (int64_t)FILE_CLOCK_PAUSE_NS &&
           distance(stamp_ns + (uint64_t)clock->former_ns, clock->last_ns) <= FILE_CLOCK_PAUSE_NS;
}

/* Whether the clock stepped at the second frame and stayed there, so that only the first frame has
 * another time. */
static uint64_t leave_out_first(struct file_clock *clock, uint64_t stamp_ns)
{
    clock->before_ns = clock->last_ns - (uint64_t)clock->offset_ns;
    clock->offset_ns = clock->former_ns = 0;
    clock->wrong = WRONG_ALL;
    return stamp_ns;
}

/* The time of STAMP_NS, which is not the first. */
static uint64_t next_time(struct file_clock *clock, uint64_t stamp_ns)
{
    uint64_t time_ns = stamp_ns + (uint64_t)clock->offset_ns;
    int has_stepped = clock->has_stepped, was_open = clock->is_open;

    clock->has_stepped = 0;
    clock->is_open = 0;
    if (has_stepped && steps_back(clock, stamp_ns))
        return step(clock, stamp_ns, 1);
    if (takes_turns(clock, stamp_ns, time_ns))
        return step(clock, stamp_ns, 0);
    if (!goes_on(clock->last_ns, time_ns))
        return was_open && goes_on(clock->before_ns, time_ns) ? leave_out_last(clock, time_ns)
                                                              : step(clock, stamp_ns, has_stepped);
    if (has_stepped && clock->frames == 2)
        return leave_out_first(clock, stamp_ns);
    clock->is_open = (int64_t)(time_ns - clock->last_ns) > (int64_t)FILE_CLOCK_PAUSE_NS;
    if (clock->is_open)
        clock->before_ns = clock->last_ns;
    return time_ns;
}

/* The time of STAMP_NS, which is the first of a file. If the clock was set during an earlier file,
 * its earlier times were wrong. */
static uint64_t first_time(struct file_clock *clock, uint64_t stamp_ns)
{
    uint64_t time_ns = stamp_ns + (uint64_t)clock->offset_ns;

    if (time_ns < NEVER_SET_BEFORE_NS && clock->last_ns >= NEVER_SET_BEFORE_NS)
        return step(clock, stamp_ns, 0);
    return time_ns;
}

uint64_t file_clock_unusual_time(struct file_clock *clock, uint64_t stamp_ns)
{
    clock->wrong = WRONG_NONE;
    clock->last_ns = clock->frames ? next_time(clock, stamp_ns) : first_time(clock, stamp_ns);
    if (clock->frames < FILE_CLOCK_FRAMES)
        clock->frames++;
    return clock->last_ns;
}

void file_clock_next_file(struct file_clock *clock)
{
    if (clock->last_ns >= NEVER_SET_BEFORE_NS)
        *clock = (struct file_clock){
            .last_ns = clock->last_ns, .set_ns = clock->set_ns, .steps = clock->steps};
}

void file_clock_begin_at(struct file_clock *clock, uint64_t stamp_ns, uint64_t right_ns)
{
    *clock = (struct file_clock){
        .last_ns = right_ns,
        .offset_ns = (int64_t)(right_ns - stamp_ns),
        .set_ns = clock->set_ns,
        .steps = clock->steps,
        .frames = FILE_CLOCK_FRAMES,
    };
}
