/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Several interfaces as one: a source for each of them, whose frames are put in the order of their
 * times. For sources that watch a single interface.
 *
 * A record waits until no older one can come from the other interfaces. That is known when they
 * have had a newer one, or had nothing at all for INTERLEAVE_IDLE_NS.
 */
#ifndef GAPWATCH_SOURCE_INTERLEAVE_H
#define GAPWATCH_SOURCE_INTERLEAVE_H

#include "source/source.h"

/* The kernel hands over a frame in less than LIVE_WAIT_NS, unless the machine is overloaded. */
#define INTERLEAVE_IDLE_NS (20 * (uint64_t)LIVE_WAIT_NS)

/* Watches the targets of its options, each with the source EACH of its options. */
extern const struct source_ops interleaved_source;

#endif
