/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Keeps an interface promiscuous while it is watched, so that its NIC also delivers frames between
 * other hosts: a mirror port has no others. The kernel ends this with the process. */
#ifndef GAPWATCH_SOURCE_BPF_PROMISCUOUS_H
#define GAPWATCH_SOURCE_BPF_PROMISCUOUS_H

/* Returns a descriptor, to be closed at the end, or -1 (without CAP_NET_RAW). */
int promiscuous_open(void);

/* Makes the interface INDEX promiscuous; call it again when the interface came back with a new
 * index. Needs no privilege. FD is from promiscuous_open(). Returns 0, or -1. */
int promiscuous_set(int fd, unsigned index);

#endif
