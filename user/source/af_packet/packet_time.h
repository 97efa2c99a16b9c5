/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Whose clock dates the frames of a packet socket: the kernel's, or the NIC's. */
#ifndef GAPWATCH_SOURCE_AF_PACKET_PACKET_TIME_H
#define GAPWATCH_SOURCE_AF_PACKET_PACKET_TIME_H

#include "base/error.h"
#include "source/source.h"

/*
 * Lets the NIC of the interface NAME date the frames of the packet socket FD where CHOICE wants it.
 * TIMESTAMP_AUTO does so when the NIC dates all frames already, and does not change how it is set.
 * Returns 0, or -1 with ERROR set: TIMESTAMP_HARDWARE, and the NIC cannot.
 */
int packet_time_choose(int fd, const char *name, enum timestamp_choice choice, struct error *error);

#endif
