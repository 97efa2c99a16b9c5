/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* An interface to which the sensor's programs are attached. A sensor has several ports when it
 * counts the frames of several interfaces together. */
#ifndef GAPWATCH_SOURCE_BPF_PORT_H
#define GAPWATCH_SOURCE_BPF_PORT_H

#include "source/bpf/attachment.h"
#include "source/bpf/clsact.h"
#include "source/interface_watch.h"

/* The most places where a program is attached to one interface. */
#define PORT_LINKS 2

struct bpf_program;

struct port {
    struct interface_watch watch;
    int is_loopback;
    int links[PORT_LINKS];             /* BPF links; -1: none */
    struct clsact clsact;              /* used instead of links */
    int has_guard;                     /* clsact is used */
    const struct bpf_program *program; /* the attached program */
    unsigned hooks;                    /* where it is attached: AT_... */
    struct attachment attachment;
    char place[64]; /* where the program is attached, for the user */
};

/* Finds the interface NAME and sets PORT to it, with nothing attached, and LINK to the link type of
 * its frames. Returns 0, or -1 with ERROR set; then PORT must not be released. */
int port_find(struct port *port, const char *name, enum link_type *link, struct error *error);

/* Starts to watch the program attached at PORT. This process must not have other threads yet. */
void port_watch_program(struct port *port);

/* Must be called when the program of PORT was attached again: watches it at its new place. */
void port_program_has_moved(struct port *port);

/* Returns the change that other programs made since the last call: INTERFACE_FRONT_TAKEN,
 * INTERFACE_FRONT_FREE or INTERFACE_DETACHED; INTERFACE_SAME: none. */
enum interface_event port_program_event(struct port *port);

/* Frees PORT, to which nothing is attached any more. */
void port_release(struct port *port);

#endif
