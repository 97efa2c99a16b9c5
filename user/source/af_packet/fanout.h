/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Packet sockets that share the frames of an interface. All frames of a flow go to the
 * same socket. */
#ifndef GAPWATCH_SOURCE_AF_PACKET_FANOUT_H
#define GAPWATCH_SOURCE_AF_PACKET_FANOUT_H

#include "classify/classify.h"

/* Adds FD, a bound packet socket that takes no frames yet, to the fanout group ID; 0 makes a new
 * group. CLASSIFIER tells the link type and the ports of ESP. Returns the group's id, or -1 with
 * errno set. */
int fanout_join(int fd, int id, const struct classifier *classifier);

#endif
