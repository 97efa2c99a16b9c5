/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Who missed the frames whose numbers never came. */
#ifndef GAPWATCH_TRACK_CAUSE_H
#define GAPWATCH_TRACK_CAUSE_H

enum gap_cause {
    CAUSE_NETWORK,
    CAUSE_UNDETERMINED, /* the sensor lost records at that time and cannot say which */
    CAUSE_COUNT,
};

#endif
