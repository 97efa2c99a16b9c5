/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * How much live sources in user space have the kernel copy of each frame: SNAP_OCTETS, but of
 * datagrams that may have been merged the whole, since each of them has a number of its own.
 */
#ifndef GAPWATCH_SOURCE_SNAP_FILTER_H
#define GAPWATCH_SOURCE_SNAP_FILTER_H

#include <pcap/pcap.h>

#include "base/error.h"

/* The snap length of a handle for which a filter is made: more than any datagram has. */
#define SNAP_WHOLE 65535

/*
 * Sets PROGRAM to one that takes the frames that match EXPRESSION (NULL: all) and says how much of
 * each, for PCAP, whose snap length is SNAP_WHOLE. It is freed with snap_filter_free(). Returns 0,
 * or -1 with ERROR set: the expression is wrong, or there is no memory.
 */
int snap_filter_make(struct bpf_program *program, pcap_t *pcap, const char *expression,
                     struct error *error);

void snap_filter_free(struct bpf_program *program);

#endif
