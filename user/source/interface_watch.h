/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Watches the interface of a live source: whether it exists and is up. */
#ifndef GAPWATCH_SOURCE_INTERFACE_WATCH_H
#define GAPWATCH_SOURCE_INTERFACE_WATCH_H

#include <net/if.h>
#include <stdint.h>

#include "base/error.h"
#include "classify/classify.h"
#include "source/source.h"

struct interface_watch {
    char name[IF_NAMESIZE]; /* as the user gave it; the interface may be renamed */
    unsigned index;         /* 0: there is no interface now */
    int is_up;              /* it carries frames */
    int has_dropped;        /* it was down at some time since the poll before, by its events */
    int is_any;             /* stands for all interfaces at once, and never changes */
    uint64_t next_look_ns;
    struct mnl_socket *events; /* NULL: changes are found only by polling */
};

/* Sets WATCH to the interface NAME, as if it were up: the first poll reports if it is not. Returns
 * 0, or -1 with ERROR set when there is no such interface. */
int interface_find(const char *name, struct interface_watch *watch, struct error *error);

/* Sets WATCH to all interfaces at once. */
void interface_find_any(struct interface_watch *watch);

/* Subscribes to the kernel's reports about interfaces, so that changes between two polls are seen.
 * WATCH must not be copied afterwards. */
void interface_listen(struct interface_watch *watch);

/* Ends the subscription of WATCH, if there is one. */
void interface_release(struct interface_watch *watch);

/*
 * Checks the interface, at most once a second by NOW_NS (0: now), and returns the first change
 * found, and sets has_dropped. An interface that was down and is up again counts as down until the
 * next check; meanwhile it may drop again, which is no change. With
 * INTERFACE_CAME_BACK the interface has a new index and must be attached to again; this includes
 * one that was replaced between two checks. A renamed interface is unchanged.
 */
enum interface_event interface_poll(struct interface_watch *watch, uint64_t now_ns);

#if defined(__linux__)
/* Sets LINK to the link type of the interface. Returns 0, or -1 with ERROR set: not supported. */
int interface_link_type(const struct interface_watch *watch, enum link_type *link,
                        struct error *error);

/* Whether WATCH is of a loopback interface, where sent frames come back in. */
int interface_is_loopback(const struct interface_watch *watch);
#endif

#endif
