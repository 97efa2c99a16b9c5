/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Which clock dates the frames of a packet socket: the kernel's or the NIC's. */
#ifndef GAPWATCH_SOURCE_AF_PACKET_PACKET_TIME_H
#define GAPWATCH_SOURCE_AF_PACKET_PACKET_TIME_H

#include "base/error.h"
#include "source/source.h"

/*
 * Has the NIC of interface NAME date the frames of the packet socket FD if CHOICE asks for it.
 * TIMESTAMP_AUTO uses the NIC's time only when the NIC dates all frames already, and does not
 * change its setting. Returns 0, or -1 with ERROR set: TIMESTAMP_HARDWARE, and the NIC cannot.
 */
int packet_time_choose(int fd, const char *name, enum timestamp_choice choice, struct error *error);

#endif
