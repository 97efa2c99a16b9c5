/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The way of a record into its flow: tracker_receive() and what it calls. The life of the tracker
 * and of its flows is in tracker.c. Only these two files use what is declared here.
 */
#ifndef GAPWATCH_TRACK_RECEIVE_H
#define GAPWATCH_TRACK_RECEIVE_H

#include "track/tracker.h"

/* Counts RECORD of a candidate, about which it was decided whether it IS_CONFIRMED: in the flow of
 * its protocol, or else in its UDP flow. CONTEXT is the tracker. */
void receive_decided(void *context, const struct frame_record *record, uint32_t origins,
                     int is_confirmed);

/* Removes flow HANDLE. Its figures stay in the summary, and if it IS_IDLE, in the report. */
void tracker_remove_flow(struct tracker *tracker, uint32_t handle, int is_idle);

#endif
