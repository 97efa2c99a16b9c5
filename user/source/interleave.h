/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Reads several interfaces as one: opens a source for each of them and merges their frames by time.
 * Used for sources that watch a single interface.
 *
 * A record waits until no older one can come from the other interfaces: when each of them has had a
 * newer one, or nothing at all for INTERLEAVE_IDLE_NS.
 */
#ifndef GAPWATCH_SOURCE_INTERLEAVE_H
#define GAPWATCH_SOURCE_INTERLEAVE_H

#include "source/source.h"

/* The kernel passes on a frame in less than LIVE_WAIT_NS, unless the machine is overloaded. */
#define INTERLEAVE_IDLE_NS (20 * (uint64_t)LIVE_WAIT_NS)

/* Watches the interfaces `targets` of its options, each with the source `each`. */
extern const struct source_ops interleaved_source;

#endif
