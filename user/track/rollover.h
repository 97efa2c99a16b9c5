/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Whether MACsec channels begin to use the keys that MKA distributes. A rollover has failed when,
 * more than the MKA life time later, the channel goes on with new numbers on the old AN, or sends
 * nothing although it did before.
 */
#ifndef GAPWATCH_TRACK_ROLLOVER_H
#define GAPWATCH_TRACK_ROLLOVER_H

#include "track/tracker.h"

/* Takes SAID, the contents of a PDU of MKA. */
void rollover_receive(struct tracker *tracker, const struct mka_record *said);

/* Extends the numbers of TRACKER's channels whose upper half MKA gave before their flow was there.
 * */
void rollover_extend(struct tracker *tracker);

/* A frame of MACsec, RECORD, arrived. FLOW is as it was before. Called while a key is pending. */
void rollover_watch(struct tracker *tracker, const struct flow *flow,
                    const struct frame_record *record);

#endif
