/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Classic BPF programs that decide which frames a packet socket takes. */
#ifndef GAPWATCH_SOURCE_AF_PACKET_PACKET_FILTER_H
#define GAPWATCH_SOURCE_AF_PACKET_PACKET_FILTER_H

#include <linux/filter.h>

#include "source/interface_watch.h"
#include "source/source.h"

/* Takes no frames: used until everything is set up, and after stop. */
extern const struct sock_fprog filter_nothing;

/*
 * Makes FILTER, which takes the frames of the interface of WATCH that go in DIRECTION and match
 * EXPRESSION (NULL: all), SNAP_OCTETS of each. It is freed with filter_free(). Sets ERROR unless it
 * returns OPEN_DONE; FILTER is empty then.
 */
enum open_status filter_make(struct sock_fprog *filter, const struct interface_watch *watch,
                             const char *expression, enum direction direction, struct error *error);

/* Frees the program of FILTER, which may be empty. */
void filter_free(struct sock_fprog *filter);

#endif
