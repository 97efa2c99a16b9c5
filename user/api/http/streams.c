/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/http/streams.h"

#include <stdlib.h>
#include <string.h>

#include "api/routes/stream.h"
#include "base/monotonic.h"

#define STREAMS_MAX    64
#define ALIVE_TICKS    15 /* between two comments, which make proxies keep the connection */
#define WAIT_TICKS     30 /* for a client that does not read */
#define IGNORED_OCTETS 512

/* The time of a tick, for all clients together: other requests wait meanwhile. */
#define TICK_NS (NS_PER_SECOND / 5)

/* The time in which a new client's place is found. */
#define BEGIN_NS NS_PER_SECOND

static struct stream {
    struct connection *connection; /* NULL: free */
    struct stream_place place;
    unsigned waited; /* ticks since the client read all that it was sent */
} streams[STREAMS_MAX];

static unsigned ticks;

static struct stream *find(const struct connection *connection)
{
    for (size_t i = 0; i < STREAMS_MAX; i++)
        if (streams[i].connection == connection)
            return &streams[i];
    return NULL;
}

int streams_are_asked_for(const struct http_request *request)
{
    return request->method == HTTP_METHOD_GET && strcmp(request->path, STREAM_PATH) == 0 &&
           !request->query_string;
}

int streams_have_room(void)
{
    return find(NULL) != NULL;
}

static void forget(struct connection *connection)
{
    struct stream *stream = find(connection);

    if (stream)
        stream->connection = NULL;
}

/* Ignores what a client sends after its request. */
static int ignore(struct netbuf *octets)
{
    net_recv_reset(octets->owner, IGNORED_OCTETS, ignore);
    return KORE_RESULT_OK;
}

/* Writes what is new for STREAM to TEXT, of SIZE octets, which the caller frees. Returns 0, or -1:
 * there is nothing to send. */
static int write_new(struct api *api, struct stream *stream, uint64_t deadline_ns, char **text,
                     size_t *size)
{
    FILE *to = open_memstream(text, size);
    int status;

    if (!to)
        return -1;
    status = stream_write(api, &stream->place, deadline_ns, to);
    if (status == 0 && ftello(to) == 0 && ticks % ALIVE_TICKS == 0)
        fputs(":\n\n", to);
    return fclose(to) == 0 && status == 0 && *size ? 0 : -1;
}

/* Sends what is new, unless the client has not read all that was sent before: at most one answer
 * waits in memory. A client that does not read for WAIT_TICKS is disconnected; it can connect again
 * and continue. */
static void send_new(struct api *api, struct stream *stream, uint64_t deadline_ns)
{
    struct connection *connection = stream->connection;
    char *text = NULL;
    size_t size = 0;

    if (!TAILQ_EMPTY(&connection->send_queue)) {
        if (++stream->waited >= WAIT_TICKS)
            kore_connection_disconnect(connection);
        return;
    }
    stream->waited = 0;
    if (write_new(api, stream, deadline_ns, &text, &size) == 0) {
        net_send_queue(connection, text, size);
        if (net_send_flush(connection) != KORE_RESULT_OK)
            kore_connection_disconnect(connection);
    }
    free(text);
}

int streams_begin(struct api *api, struct http_request *request, const char *last_id,
                  const struct kore_buf *head)
{
    struct connection *connection = request->owner;
    struct stream *stream = find(NULL);
    char *text = NULL;
    size_t size = 0;
    int has_news;

    *stream = (struct stream){connection, stream_place_read(last_id), 0};
    has_news = write_new(api, stream, monotonic_ns() + BEGIN_NS, &text, &size) == 0;
    if (stream->place.is_known) {
        connection->disconnect = forget;
        connection->http_timeout = 0;
        connection->idle_timer.length = UINT64_MAX;
        net_recv_reset(connection, IGNORED_OCTETS, ignore);
        net_send_queue(connection, head->data, head->offset);
        if (has_news)
            net_send_queue(connection, text, size);
        if (net_send_flush(connection) != KORE_RESULT_OK)
            kore_connection_disconnect(connection);
    } else {
        stream->connection = NULL;
    }
    free(text);
    return stream->place.is_known ? 0 : -1;
}

void streams_end(void)
{
    for (size_t i = 0; i < STREAMS_MAX; i++)
        if (streams[i].connection)
            kore_connection_disconnect(streams[i].connection);
}

void streams_tick(struct api *api)
{
    uint64_t deadline_ns = monotonic_ns() + TICK_NS;

    /* Each tick begins with another client, so that all get their turn when the time is too short.
     * */
    ticks++;
    for (size_t i = 0; i < STREAMS_MAX && monotonic_ns() < deadline_ns; i++) {
        struct stream *stream = &streams[(ticks + i) % STREAMS_MAX];

        if (stream->connection)
            send_new(api, stream, deadline_ns);
    }
}
