/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Rekeys and failed rekeys, as both directions of a tunnel show them.
 *
 *   rekey            an ESP SA took over from another one, in flows of their own
 *   one_sided        one direction has used a new SA for 6 s (the MKA Life Time, IEEE 802.1X-2020
 *                    9.4), and the other one still sends with its old one
 *   rollover_failed  traffic stopped on the old and the new SA, while the other direction sends
 *
 * The other direction of ESP has source and destination exchanged. Of MACsec, it is known when
 * there are just two channels on the same VLANs. Each event takes three frames at least.
 */
#ifndef GAPWATCH_LINEAGE_ROLLOVER_H
#define GAPWATCH_LINEAGE_ROLLOVER_H

#include "lineage/lineage.h"
#include "track/event.h"

/* Takes EVENT. Returns 0, or -1 to stop. */
typedef int rollover_tell(void *context, const struct track_event *event);

/* Calls TELL with CONTEXT for the events that follow from the last decisions of LINEAGE and were
 * not reported yet. IS_END: no more frames will come. Returns 0, or -1 when TELL did. Call
 * rollover_settle() once it is known whether the events were kept. */
int rollover_check(struct lineage *lineage, int is_end, rollover_tell *tell, void *context);

/* Whether EVENT, which the tracker logged, is a failure that rollover_check() has not reported. The
 * tracker looks at single directions and finds some of the same failures. If EVENT is new,
 * rollover_check() will not report the same failure. */
int rollover_is_new(struct lineage *lineage, const struct track_event *event);

/* Marks the events since the last call as reported. Unless IS_KEPT, they will be reported again. */
void rollover_settle(struct lineage *lineage, int is_kept);

#endif
