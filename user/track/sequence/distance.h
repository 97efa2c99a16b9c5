/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Distances of reordered numbers below the highest, for the advice on replay windows. Each SA has a
 * record of them (reorder.h), at its newest position.
 *
 * A frame that fits the believed position is compared with the highest number there. Once a frame
 * does not, though it is near, the SA has a receiver as well (receiver.h), which decides for itself
 * which frames are genuine. It takes all further frames of the SA, until it agrees with the
 * position again. Where the believed position restarts, this receiver goes on beside it until the
 * restart can no longer be undone.
 */
#ifndef GAPWATCH_TRACK_SEQUENCE_DISTANCE_H
#define GAPWATCH_TRACK_SEQUENCE_DISTANCE_H

#include "track/sequence/channel.h"
#include "track/sequence/reorder.h"

/* --- records: HANDLE is one of the pool `reorders`, or POOL_NONE: nothing was reordered --- */

/* Notes NUMBER in the record at HANDLE, if it is below HIGHEST. */
void distance_note_at(struct sequencer *sequencer, uint32_t *handle, uint64_t highest,
                      uint64_t number);

/* Makes TO, which has no record, a copy of FROM. */
void distance_copy(struct sequencer *sequencer, uint32_t *to, uint32_t from);

/* Adds the record at FROM to that at TO. */
void distance_add(struct sequencer *sequencer, uint32_t *to, uint32_t from);

/* Frees the record at HANDLE. */
void distance_free(struct sequencer *sequencer, uint32_t *handle);

/* --- frames --- */

/* Called when NUMBER of the believed position's SA came. FITS: it fits that position. Marks ARRIVAL
 * if the SA's receiver will take the number. */
void distance_expect(struct arrival *arrival, uint64_t number, int fits);

/* The SA's receiver takes NUMBER, after the positions did. */
void distance_receive(const struct arrival *arrival, uint64_t number);

/* NUMBER of ASSOCIATION came. Receivers that a restart left behind take it where it is near, for
 * the case that it was none. To do so twice for one number changes nothing. */
void distance_follow(const struct arrival *arrival, unsigned association, uint64_t number);

/* NUMBER, which is new, came to POSITION. Notes its distance, unless a receiver has. */
void distance_note(const struct arrival *arrival, struct position *position, uint64_t number);

/* Called when the stream of ARRIVAL's flow ends: decides what is pending. */
void distance_finish(const struct arrival *arrival);

/* --- changes of the believed position --- */

/* Hypothesis HANDLE was founded, of numbers that came to the believed SA before. */
void distance_begin_copies(const struct arrival *arrival, uint32_t handle);

/* HANDLE takes over from the believed position, because of CHANGE. */
void distance_take_over(const struct arrival *arrival, uint32_t handle, enum change change);

/* Earlier position HANDLE can no longer be believed again. */
void distance_close(const struct arrival *arrival, uint32_t handle);

/* Undoes distance_take_over() of HANDLE. */
void distance_hand_back(const struct arrival *arrival, uint32_t handle);

/* Hypothesis HANDLE is forgotten. Its numbers are of the SA of OWNER; NULL: none is kept. */
void distance_forget(const struct arrival *arrival, uint32_t handle, struct position *owner);

/* Frees what POSITION has. */
void distance_release(struct sequencer *sequencer, struct position *position);

/* --- results --- */

/* The advice for the receiver of FLOW's SA whose newest settled position is HANDLE. */
struct replay_advice distance_advice(const struct sequencer *sequencer, const struct flow *flow,
                                     uint32_t handle);

#endif
