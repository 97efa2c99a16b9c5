/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The time stamps of a capture file, made continuous. The clock of the host that wrote it may have
 * been set (from 1970 to now, often), and a damaged record may have any time. Neither may become
 * the duration of a flow.
 */
#ifndef GAPWATCH_SOURCE_FILE_CLOCK_H
#define GAPWATCH_SOURCE_FILE_CLOCK_H

#include <stdint.h>

/* All zeros before the first frame of a file. */
struct file_clock {
    uint64_t last_ns;  /* the last time given out; 0: none yet */
    int64_t offset_ns; /* from the stamps in the file to the times given out */
    int64_t former_ns; /* the offset before the last step */
    uint64_t steps;    /* a stamp that is wrong alone counts as one */
};

/*
 * Returns the time of a frame with STAMP_NS, the next one in the file. A stamp that is far ahead of
 * the frame before it, or well behind, is a step of the clock: no time passed then.
 */
uint64_t file_clock_time(struct file_clock *clock, uint64_t stamp_ns);

#endif
