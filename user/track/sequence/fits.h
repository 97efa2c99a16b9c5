/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Which numbers a position takes that is not believed. */
#ifndef GAPWATCH_TRACK_SEQUENCE_FITS_H
#define GAPWATCH_TRACK_SEQUENCE_FITS_H

#include "track/sequence/channel.h"

/* Whether NUMBER, extended to 64 bits there, fits the other position HANDLE. A sender that began
 * anew sent nothing below its first number, and one or two numbers, which may be forged, are not
 * supported by others that do not go on from them. */
int channel_fits(const struct sequencer *sequencer, uint32_t handle, uint64_t number);

/* Whether NUMBER, which fits position HANDLE, arrived there. */
int channel_has_arrived(const struct sequencer *sequencer, uint32_t handle, uint64_t number);

/* Whether only a wraparound makes NUMBER, one of the first of an SA, continue POSITION. */
int channel_begins_behind_wrap(const struct position *position, uint64_t number);

/* Whether HANDLE has one or two copies, after which new numbers came to the believed position, and
 * NUMBER, which fits, does not go on from them. */
int channel_begins_elsewhere(const struct sequencer *sequencer, uint32_t handle, uint64_t number);

#endif
