/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Why numbers are missing. */
#ifndef GAPWATCH_TRACK_CAUSE_H
#define GAPWATCH_TRACK_CAUSE_H

enum gap_cause {
    CAUSE_NETWORK,
    CAUSE_UNDETERMINED, /* the sensor lost frames at that time, and it is not known which */
    CAUSE_COUNT,
};

#endif
