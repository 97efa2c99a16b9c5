/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* An interface that the sensor's programs are attached to. A sensor has several where their frames
 * are to be counted as those of one. */
#ifndef GAPWATCH_SOURCE_BPF_PORT_H
#define GAPWATCH_SOURCE_BPF_PORT_H

#include "source/bpf/clsact.h"
#include "source/bpf/front.h"
#include "source/interface_watch.h"

/* A program can be attached at two places. */
#define PORT_LINKS 2

struct port {
    struct interface_watch watch;
    int is_loopback;
    int links[PORT_LINKS]; /* BPF links; -1: none */
    struct clsact clsact;  /* used instead of links */
    int has_guard;         /* clsact is in use */
    struct front front;
    char place[64]; /* where the program is attached, for the user */
};

/* Sets PORT to the interface NAME, to which nothing is attached yet, and LINK to the link type of
 * its frames. Returns 0, or -1 with ERROR set: then PORT needs no release. */
int port_find(struct port *port, const char *name, enum link_type *link, struct error *error);

/* Starts to watch for other programs in front of the program with id PROGRAM, which is attached. */
void port_watch_front(struct port *port, uint32_t program);

/* Whether another program has got in front of ours since the last call, or has left: sets *EVENT
 * then. */
int port_front_has_changed(struct port *port, enum interface_event *event);

/* Frees what PORT holds. Nothing is attached any more. */
void port_release(struct port *port);

#endif
