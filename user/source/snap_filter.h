/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Decides how much of each frame the kernel copies for live sources in user space: SNAP_OCTETS, but
 * all of a datagram that may have been merged, because each part has its own sequence number. */
#ifndef GAPWATCH_SOURCE_SNAP_FILTER_H
#define GAPWATCH_SOURCE_SNAP_FILTER_H

#include <pcap/pcap.h>

#include "base/error.h"

/* The snap length of the handle for which the filter is made: longer than any datagram. */
#define SNAP_WHOLE 65535

/*
 * Sets PROGRAM to a filter that takes frames that match EXPRESSION (NULL: all) and returns how much
 * of each to copy. PCAP must have the snap length SNAP_WHOLE. Free it with snap_filter_free().
 * Returns 0, or -1 with ERROR set: the expression is invalid, or there is no memory.
 */
int snap_filter_make(struct bpf_program *program, pcap_t *pcap, const char *expression,
                     struct error *error);

/* Frees PROGRAM, made by snap_filter_make(). */
void snap_filter_free(struct bpf_program *program);

#endif
