/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The source's state. Only the source itself and connection.c use this file. */
#ifndef GAPWATCH_SOURCE_AF_PACKET_AF_PACKET_H
#define GAPWATCH_SOURCE_AF_PACKET_AF_PACKET_H

#include <pthread.h>

#include "source/af_packet/packet_filter.h"
#include "source/af_packet/packet_socket.h"
#include "source/clock.h"
#include "source/interface_watch.h"
#include "source/source.h"

enum connection {
    CONNECTION_NONE,
    CONNECTION_BOUND, /* to the interface, but takes no frames yet */
    CONNECTION_TAKES,
};

struct packet_worker {
    struct packet_socket socket;
    enum connection connection;
    struct interface_watch watch;
    struct live_clock clock;
    int64_t step_ns; /* of the clock, that frames still in the ring may have been dated before */
    int was_losing;  /* when the last batch was read */
    int was_disconnected; /* from the interface, since the last batch */
    struct source_statistics statistics;
};

struct af_packet {
    struct source_options options;
    struct sock_fprog filter;
    struct classifier classifier;
    int is_stopped;

    /* The fanout group that the workers make on an interface. Which flows a worker gets depends on
     * how many there are, and on when it joined: so they join by number, and take nothing before
     * the last one did. */
    pthread_mutex_t group_lock; /* over what follows */
    unsigned group_index;       /* of the interface */
    unsigned members;
    int group; /* its id; 0 when there is only one worker */

    struct packet_worker workers[];
};

/* Connects all workers to the interface. Returns 0, or -1 with ERROR set. */
int connect_workers(struct af_packet *packets, struct error *error);

/* There is an interface, but WORKER is not connected to it: does what can be done now, as its
 * connection tells. Returns 0, or -1 with ERROR set. */
int connect_worker_again(struct af_packet *packets, struct packet_worker *worker,
                         struct error *error);

#endif
