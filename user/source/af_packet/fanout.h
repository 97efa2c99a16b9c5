/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Packet sockets that share the frames of an interface: all those of a flow go to the same one. */
#ifndef GAPWATCH_SOURCE_AF_PACKET_FANOUT_H
#define GAPWATCH_SOURCE_AF_PACKET_FANOUT_H

#include "classify.h"

/* Joins FD, a bound packet socket that takes no frames yet, to the fanout group ID, or makes a new
 * one when that is 0. Returns the group's id, or -1 with errno set. */
int fanout_join(int fd, int id, enum link_type link);

#endif
