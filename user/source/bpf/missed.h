/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The user side of map `missed`: frames that wait for a silent flow, and flows that miss none. */
#ifndef GAPWATCH_SOURCE_BPF_MISSED_H
#define GAPWATCH_SOURCE_BPF_MISSED_H

struct sensor;

/* Has what waits put into each ring that has room for it. Returns whether there was any. */
int missed_hand_over(struct sensor *sensor);

/* Called after each batch of the first worker: does that from time to time, when the ring
 * IS_DRAINED, and removes flows that have missed nothing for a while. */
void missed_look_after(struct sensor *sensor, int is_drained);

#endif
