/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/http/streams.h"

#include <stdlib.h>
#include <string.h>

#include "api/routes/stream.h"

#define STREAMS_MAX    64
#define ALIVE_TICKS    15 /* a comment is sent so often, so that proxies keep the connection */
#define IGNORED_OCTETS 512

static struct stream {
    struct connection *connection; /* NULL: free */
    struct stream_place place;
} streams[STREAMS_MAX];

static unsigned ticks;

static struct stream *find(const struct connection *connection)
{
    for (size_t i = 0; i < STREAMS_MAX; i++)
        if (streams[i].connection == connection)
            return &streams[i];
    return NULL;
}

int streams_have_room(const struct http_request *request)
{
    return request->method == HTTP_METHOD_GET && strcmp(request->path, STREAM_PATH) == 0 &&
           find(NULL) != NULL;
}

static void forget(struct connection *connection)
{
    struct stream *stream = find(connection);

    if (stream)
        stream->connection = NULL;
}

/* A client has nothing more to say. */
static int ignore(struct netbuf *octets)
{
    net_recv_reset(octets->owner, IGNORED_OCTETS, ignore);
    return KORE_RESULT_OK;
}

void streams_begin(struct http_request *request, const char *last_id)
{
    struct connection *connection = request->owner;

    *find(NULL) = (struct stream){connection, stream_place_read(last_id)};
    connection->disconnect = forget;
    connection->http_timeout = 0;
    connection->idle_timer.length = UINT64_MAX;
    net_recv_reset(connection, IGNORED_OCTETS, ignore);
}

/* Sends what is new. A client that does not read is left: it can connect again and go on. */
static void send_new(struct api *api, struct stream *stream)
{
    struct connection *connection = stream->connection;
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);

    if (!to)
        return;
    if (!stream_write(api, &stream->place, to) && ticks % ALIVE_TICKS == 0)
        fputs(":\n\n", to);
    if (fclose(to) == 0 && size) {
        if (!TAILQ_EMPTY(&connection->send_queue)) {
            kore_connection_disconnect(connection);
        } else {
            net_send_queue(connection, text, size);
            if (net_send_flush(connection) != KORE_RESULT_OK)
                kore_connection_disconnect(connection);
        }
    }
    free(text);
}

void streams_tick(struct api *api)
{
    ticks++;
    for (size_t i = 0; i < STREAMS_MAX; i++)
        if (streams[i].connection)
            send_new(api, &streams[i]);
}
