/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Gaps that were withdrawn leave the log of all gaps, so that they take no room from others. */
#ifndef GAPWATCH_TRACK_SEQUENCE_RECLAIM_H
#define GAPWATCH_TRACK_SEQUENCE_RECLAIM_H

#include "track/sequence/sequence.h"

/* So many are taken out together, because that visits all gaps and all positions. */
#define RECLAIM_MIN 32768

/* Takes the withdrawn gaps out of the log of all gaps of SEQUENCER, if its room is used up and they
 * are many. The others keep their order. */
void gaps_reclaim(struct sequencer *sequencer);

#endif
