/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The user side of the map `missed`: has the kernel hand over entries of flows that stopped
 * sending, and removes empty entries. */
#ifndef GAPWATCH_SOURCE_BPF_MISSED_H
#define GAPWATCH_SOURCE_BPF_MISSED_H

struct sensor;

/* Has the kernel hand over all missed frames of SENSOR, as far as the rings have room. */
void missed_hand_over(struct sensor *sensor);

/* Called after each batch of WORKER. Hands over missed frames from time to time, when the worker's
 * ring is drained. The first worker also removes entries that have been empty for a while. */
void missed_look_after(struct sensor *sensor, unsigned worker);

#endif
