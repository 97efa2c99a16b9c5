/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Classic BPF programs that decide which frames a packet socket takes. */
#ifndef GAPWATCH_SOURCE_AF_PACKET_PACKET_FILTER_H
#define GAPWATCH_SOURCE_AF_PACKET_PACKET_FILTER_H

#include <linux/filter.h>

#include "classify/classify.h"
#include "source/interface_watch.h"
#include "source/source.h"

/* Takes no frames: used until everything is set up, and after stop. */
extern const struct sock_fprog filter_nothing;

/*
 * Sets FILTER to a program for frames of WATCH with link type LINK. It takes the frames in
 * DIRECTION that match EXPRESSION (NULL: all), and as much of each as source/snap_filter.h
 * describes. Free it with filter_free(). Sets ERROR, and no program, unless it returns OPEN_DONE.
 */
enum open_status filter_make(struct sock_fprog *filter, const struct interface_watch *watch,
                             enum link_type link, const char *expression, enum direction direction,
                             struct error *error);

/* Frees the program of FILTER, which may be empty. */
void filter_free(struct sock_fprog *filter);

#endif
