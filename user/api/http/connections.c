/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/http/connections.h"

#include <errno.h>
#include <sys/socket.h>

#include "api/http/kore.h"

#define SPARE 32 /* so few free connections are too few */

/* Kore would close the connection as soon as the client ends its side, even before it reads what
 * came with that. Reading finds the end too, and every error. */
static void take_event(void *context, int is_over)
{
    struct connection *connection = context;

    if (is_over)
        connection->evt.flags |= KORE_EVENT_READ;
    if (connection->handle(connection) != KORE_RESULT_OK)
        kore_connection_disconnect(connection);
}

/* Replaces Kore's own function, which forgets the rest of an answer when the client has ended its
 * side. */
static int read_some(struct connection *connection, size_t *taken)
{
    const struct netbuf *octets = connection->rnb;
    ssize_t got =
        recv(connection->fd, octets->buf + octets->s_off, octets->b_len - octets->s_off, 0);

    *taken = got > 0 ? (size_t)got : 0;
    if (got > 0 || (got < 0 && errno == EINTR))
        return KORE_RESULT_OK;
    connection->evt.flags &= ~KORE_EVENT_READ;
    if (got < 0)
        return errno == EAGAIN ? KORE_RESULT_OK : KORE_RESULT_ERROR;
    if (TAILQ_EMPTY(&connection->send_queue))
        kore_connection_disconnect(connection);
    else
        connection->flags |= CONN_CLOSE_EMPTY;
    return KORE_RESULT_OK;
}

/* Replaces Kore's own function, which sends 8 KB at a time: an answer usually takes one call. */
static int write_all(struct connection *connection, size_t length, size_t *written)
{
    const struct netbuf *octets = connection->snb;
    ssize_t sent =
        send(connection->fd, octets->buf + octets->s_off, octets->b_len - octets->s_off, 0);

    (void)length;
    *written = sent > 0 ? (size_t)sent : 0;
    if (sent >= 0 || errno == EINTR)
        return KORE_RESULT_OK;
    connection->evt.flags &= ~KORE_EVENT_WRITE;
    return errno == EAGAIN ? KORE_RESULT_OK : KORE_RESULT_ERROR;
}

void connections_begin(struct connection *connection)
{
    if (connection->ssl)
        return;
    connection->evt.handle = take_event;
    connection->read = read_some;
    connection->write = write_all;
}

/* Neither a client of the stream, nor one that is being answered, nor Kore's parent. */
static int is_waiting(const struct connection *connection)
{
    if (connection->state == CONN_STATE_TLS_SHAKE)
        return 1;
    return connection->state == CONN_STATE_ESTABLISHED && connection->proto == CONN_PROTO_HTTP &&
           connection->http_timeout && TAILQ_EMPTY(&connection->send_queue);
}

static struct connection *longest_waiting(void)
{
    struct connection *connection, *longest = NULL;

    TAILQ_FOREACH(connection, &connections, list)
    {
        if (is_waiting(connection) && (!longest || connection->http_start < longest->http_start))
            longest = connection;
    }
    return longest;
}

/* Connections that are closed here count until Kore is back in its loop. */
static uint32_t closing(void)
{
    const struct connection *connection;
    uint32_t open = 0;

    TAILQ_FOREACH(connection, &connections, list)
    {
        open++;
    }
    return worker_active_connections > open ? worker_active_connections - open : 0;
}

static void make_room(uint32_t wanted)
{
    uint32_t room = worker_max_connections - worker_active_connections;

    if (room >= SPARE)
        return;
    for (uint32_t free = room + closing(); free < wanted; free++) {
        struct connection *longest = longest_waiting();

        if (!longest)
            return;
        kore_connection_disconnect(longest);
    }
}

void connections_make_room(void)
{
    make_room(SPARE);
}

void connections_tick(void)
{
    make_room(worker_max_connections / 2);
}
