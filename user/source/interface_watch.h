/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The network interface that a live source watches: whether it is there, and whether it is up. */
#ifndef GAPWATCH_SOURCE_INTERFACE_WATCH_H
#define GAPWATCH_SOURCE_INTERFACE_WATCH_H

#include <net/if.h>
#include <stdint.h>

#include "base/error.h"
#include "classify.h"
#include "source/source.h"

struct interface_watch {
    char name[IF_NAMESIZE]; /* under which it was asked for; it may have another by now */
    unsigned index;         /* 0: there is none at the moment */
    int is_up;              /* and carries frames */
    int is_any;             /* it stands for all interfaces at once: nothing becomes of it */
    uint64_t next_look_ns;
    struct mnl_socket *events; /* NULL: changes are only seen by looking */
};

/* Sets WATCH to the interface NAME, as if it were up: the first look tells when it is not. Returns
 * 0, or -1 with ERROR set: there is none. */
int interface_find(const char *name, struct interface_watch *watch, struct error *error);

/* Sets WATCH to stand for all interfaces at once. */
void interface_find_any(struct interface_watch *watch);

/* Has the kernel tell from now on what happens to the interface, for the time between two looks.
 * WATCH is not to be copied any more. */
void interface_listen(struct interface_watch *watch);

/* Ends what interface_listen() began, if it did. */
void interface_release(struct interface_watch *watch);

/*
 * Looks what became of the interface, at most once a second by NOW_NS (0: look at once), and
 * returns the first change found. An interface that was down and is up again counts as down until
 * the next look. INTERFACE_CAME_BACK comes with a new index, to be attached to; also when the
 * interface was made anew between two looks. A renamed interface is still the same.
 */
enum interface_event interface_poll(struct interface_watch *watch, uint64_t now_ns);

#if defined(__linux__)
/* The link type of the frames of the interface. Returns 0, or -1 with ERROR set: one that is not
 * supported. */
int interface_link_type(const struct interface_watch *watch, enum link_type *link,
                        struct error *error);

/* Whether frames that it sends come back in: the loopback interface. */
int interface_is_loopback(const struct interface_watch *watch);
#endif

#endif
