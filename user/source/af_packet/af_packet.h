/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* State of the af_packet source, for its own files only (af_packet.c and connection.c). */
#ifndef GAPWATCH_SOURCE_AF_PACKET_AF_PACKET_H
#define GAPWATCH_SOURCE_AF_PACKET_AF_PACKET_H

#include <pthread.h>

#include "source/af_packet/packet_filter.h"
#include "source/af_packet/packet_socket.h"
#include "source/clock.h"
#include "source/interface_watch.h"
#include "source/source.h"

/* How far a worker is connected to the interface. */
enum connection {
    CONNECTION_NONE,
    CONNECTION_BOUND, /* bound to the interface; takes no frames yet */
    CONNECTION_TAKES,
};

struct packet_worker {
    struct packet_socket socket;
    enum connection connection;
    struct interface_watch watch;
    struct live_clock clock;
    int64_t step_ns; /* last step of the clock; frames that were in the ring have times before it */
    uint64_t frame_ns;    /* time of the last frame; 0: none yet */
    int has_dropped;      /* the ring says that frames were dropped since the counter was read */
    int was_disconnected; /* from the interface, since the last batch */
    struct source_statistics statistics;
};

struct af_packet {
    struct source_options options;
    struct sock_fprog filter;
    enum link_type link;
    int is_stopped;

    /*
     * The fanout group of the workers on an interface. The kernel maps flows to workers by their
     * number and by the order in which they joined. So they join in order, and none takes frames
     * before the last one joined.
     */
    pthread_mutex_t group_lock; /* protects the members below */
    unsigned group_index;       /* of the interface */
    unsigned members;           /* workers that joined */
    int group;                  /* its id; 0 when there is only one worker */

    struct packet_worker workers[];
};

/* Connects all workers to the interface. Returns 0, or -1 with ERROR set. */
int connect_workers(struct af_packet *packets, struct error *error);

/*
 * Takes the next step to connect WORKER to the interface again, as far as the other workers allow
 * now. Call it again until WORKER's connection is CONNECTION_TAKES. Returns 0, or -1 with ERROR
 * set.
 */
int connect_worker_again(struct af_packet *packets, struct packet_worker *worker,
                         struct error *error);

#endif
