/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* An interface that the sensor's programs are attached to. A sensor has several where their frames
 * are to be counted as those of one. */
#ifndef GAPWATCH_SOURCE_BPF_PORT_H
#define GAPWATCH_SOURCE_BPF_PORT_H

#include "source/bpf/attachment.h"
#include "source/bpf/clsact.h"
#include "source/interface_watch.h"

/* A program can be attached at two places. */
#define PORT_LINKS 2

struct bpf_program;

struct port {
    struct interface_watch watch;
    int is_loopback;
    int links[PORT_LINKS];             /* BPF links; -1: none */
    struct clsact clsact;              /* used instead of links */
    int has_guard;                     /* clsact is in use */
    const struct bpf_program *program; /* which is attached, */
    unsigned hooks;                    /* AT_..., at these */
    struct attachment attachment;
    char place[64]; /* where the program is attached, for the user */
};

/* Sets PORT to the interface NAME, to which nothing is attached yet, and LINK to the link type of
 * its frames. Returns 0, or -1 with ERROR set: then PORT needs no release. */
int port_find(struct port *port, const char *name, enum link_type *link, struct error *error);

/* Starts to watch the program that is attached. No thread may have been started yet. */
void port_watch_program(struct port *port);

/* It is attached anew: goes on to watch it there. */
void port_program_has_moved(struct port *port);

/* What somebody has done to it since the last call: INTERFACE_FRONT_TAKEN, INTERFACE_FRONT_FREE,
 * INTERFACE_DETACHED, or INTERFACE_SAME. */
enum interface_event port_program_event(struct port *port);

/* Frees what PORT holds. Nothing is attached any more. */
void port_release(struct port *port);

#endif
