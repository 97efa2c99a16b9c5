/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Keeps an interface promiscuous while we watch it, so that its NIC hands over frames between
 * others too: on a mirror port those are all there are. The kernel ends it with the process.
 */
#ifndef GAPWATCH_SOURCE_BPF_PROMISCUOUS_H
#define GAPWATCH_SOURCE_BPF_PROMISCUOUS_H

/* Returns a descriptor to be closed in the end, or -1: without CAP_NET_RAW it is not to be had. */
int promiscuous_open(void);

/* Makes the interface of INDEX promiscuous, also when it came back with a new index; that needs no
 * privilege. FD is what promiscuous_open() returned. Returns 0, or -1. */
int promiscuous_set(int fd, unsigned index);

#endif
