/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Numbers that a receiver at a hypothesis ahead would have refused. */
#ifndef GAPWATCH_TRACK_SEQUENCE_REFUSED_H
#define GAPWATCH_TRACK_SEQUENCE_REFUSED_H

#include "track/sequence/position.h"

/* Whether a receiver at HANDLE would have refused NUMBER. */
int believe_refused(const struct sequencer *sequencer, uint32_t handle, uint64_t number);

/* Notes that the believed position accepted NUMBER, which a receiver at hypothesis HANDLE would
 * refuse. */
void believe_refuse(const struct arrival *arrival, uint32_t handle, uint64_t number);

/* Forgets which numbers hypotheses of ARRIVAL's channel would refuse, as these are relative to the
 * position believed until now. */
void believe_forget_refused(const struct arrival *arrival);

/* Called when another position of ARRIVAL's channel is believed: hypotheses ahead may refuse
 * numbers that it accepts from now on. */
void believe_withhold(const struct arrival *arrival);

/*
 * Makes the numbers late that a receiver at hypothesis HANDLE refused and POSITION accepted. Those
 * from POSITION's start on are missing there, up to KEPT_FROM, from where another position has the
 * missing ones.
 */
void believe_apply_refused(const struct arrival *arrival, uint32_t handle,
                           struct position *position, uint64_t kept_from);

#endif
