/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Connects the workers' sockets to the interface, at first and when it comes back. */
#include <errno.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>

#include "source/af_packet/af_packet.h"
#include "source/af_packet/fanout.h"
#include "source/af_packet/packet_time.h"

/* With direction `in`, spares the kernel the work on outgoing frames. A fanout group may still pass
 * them, so the filter decides. */
static void spare_outgoing(const struct af_packet *packets, const struct packet_worker *worker)
{
    int yes = 1;

    if (packets->options.direction == DIRECTION_IN)
        setsockopt(worker->socket.fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof(yes));
}

/* Binds WORKER's socket to its interface. Returns 0, or -1 with ERROR set. */
static int bind_worker(const struct af_packet *packets, struct packet_worker *worker,
                       struct error *error)
{
    const char *name = worker->watch.name;
    struct error reason;

    if (packet_time_choose(worker->socket.fd, name, packets->options.timestamp, &reason) < 0)
        return error_set(error, "%s: %s", name, reason.text);
    if (packet_socket_bind(&worker->socket, worker->watch.index) < 0)
        return error_set(error, "%s: %s", name, strerror(errno));
    return 0;
}

/* Binds WORKER's socket. Opens a new one first if it is in a fanout group, which a socket cannot
 * leave. It takes no frames yet. Returns 0, or -1 with ERROR set. */
static int connect_socket(const struct af_packet *packets, struct packet_worker *worker,
                          struct error *error)
{
    struct error reason;

    if (packets->options.workers > 1)
        packet_socket_close(&worker->socket);
    if (worker->socket.fd < 0) {
        if (packet_socket_open(&worker->socket, packets->options.buffer_bytes, &reason) < 0)
            return error_set(error, "%s: af_packet: %s", worker->watch.name, reason.text);
        spare_outgoing(packets, worker);
    }
    return bind_worker(packets, worker, error);
}

/* Adds WORKER, whose socket is bound, to the fanout group. The caller holds the lock. Returns 0, or
 * -1 with ERROR set. */
static int join(struct af_packet *packets, const struct packet_worker *worker, struct error *error)
{
    int id = packets->members ? packets->group : 0;

    if (packets->options.workers > 1) {
        id = fanout_join(worker->socket.fd, id, &packets->classifier);
        if (id < 0)
            return error_set(error, "%s: cannot share it among workers: %s", worker->watch.name,
                             strerror(errno));
    }
    packets->group = id;
    packets->members++;
    return 0;
}

/* Binds WORKER when all workers before it have joined; the first one begins a new group. The caller
 * holds the lock. Returns 0, or -1 with ERROR set. */
static int take_turn(struct af_packet *packets, struct packet_worker *worker, struct error *error)
{
    unsigned number = (unsigned)(worker - packets->workers);

    if (number == 0) {
        packets->group_index = worker->watch.index;
        packets->members = 0;
    }
    if (packets->group_index != worker->watch.index || packets->members != number)
        return 0;
    if (connect_socket(packets, worker, error) < 0 || join(packets, worker, error) < 0)
        return -1;
    worker->connection = CONNECTION_BOUND;
    return 0;
}

/* Starts to take frames when all workers are bound. The caller holds the lock. Returns 0, or -1
 * with ERROR set. */
static int begin_to_take(const struct af_packet *packets, struct packet_worker *worker,
                         struct error *error)
{
    if (packets->group_index != worker->watch.index || packets->members != packets->options.workers)
        return 0;
    if (packet_socket_filter(&worker->socket, &packets->filter) < 0)
        return error_set(error, "%s: cannot attach the filter: %s", worker->watch.name,
                         strerror(errno));
    worker->connection = CONNECTION_TAKES;
    return 0;
}

/* Takes the next steps to connect WORKER to its interface, as far as possible now. Returns 0, or -1
 * with ERROR set. */
static int connect_worker(struct af_packet *packets, struct packet_worker *worker,
                          struct error *error)
{
    int status = 0;

    pthread_mutex_lock(&packets->group_lock);
    if (worker->connection == CONNECTION_NONE)
        status = take_turn(packets, worker, error);
    if (status == 0 && worker->connection == CONNECTION_BOUND)
        status = begin_to_take(packets, worker, error);
    pthread_mutex_unlock(&packets->group_lock);
    return status;
}

int connect_workers(struct af_packet *packets, struct error *error)
{
    for (int round = 0; round < 2; round++) /* first all workers are bound, then all take frames */
        for (unsigned i = 0; i < packets->options.workers; i++)
            if (connect_worker(packets, &packets->workers[i], error) < 0)
                return -1;
    return 0;
}

int connect_worker_again(struct af_packet *packets, struct packet_worker *worker,
                         struct error *error)
{
    enum link_type link;

    if (interface_link_type(&worker->watch, &link, error) == 0) {
        if (link != packets->classifier.link)
            return error_set(error, "%s came back as another kind of interface",
                             worker->watch.name);
        if (connect_worker(packets, worker, error) == 0)
            return 0;
    }
    if (if_nametoindex(worker->watch.name) == worker->watch.index)
        return -1;
    worker->watch.index = 0; /* it has gone away again */
    return 0;
}
