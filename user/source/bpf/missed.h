/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The user side of map `missed`: frames that wait for a silent flow, and flows that miss none. */
#ifndef GAPWATCH_SOURCE_BPF_MISSED_H
#define GAPWATCH_SOURCE_BPF_MISSED_H

struct sensor;

/* Has every waiting run put into its ring, where that has room for it. */
void missed_hand_over(struct sensor *sensor);

/* Called after each batch of WORKER: does that from time to time, when the worker's ring is
 * drained. The first worker also removes entries that have been empty for a while. */
void missed_look_after(struct sensor *sensor, unsigned worker);

#endif
