/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/http/respond.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "api/http/head.h"
#include "api/http/negotiate.h"
#include "api/http/streams.h"
#include "api/routes/stream.h"

#define GZIP_LEAST      256 /* octets; smaller bodies fit in one packet anyway */
#define HEALTH_PATH     "/health"
#define RETRY_SECONDS   "1"
#define DISCARD_MS      5000 /* to read what a refused client still sends */
#define DISCARD_IDLE_MS 2000
#define CORS_SECONDS    "600"

/* "Basic" comes first because Chromium looks only at the first scheme, and asks for a name and
 * password only for Basic. */
#define CHALLENGE "Basic realm=\"gapwatch\", Bearer realm=\"gapwatch\""

#define CONTENT_POLICY                                                                             \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src "        \
    "'self'; "                                                                                     \
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

static struct respond_settings settings;
static struct head_rules rules;

/* Headers of every answer. */
static const struct header {
    const char *name;
    const char *value;
} fixed_headers[] = {
    {"content-security-policy", CONTENT_POLICY},
    {"x-content-type-options", "nosniff"},
    {"x-frame-options", "DENY"},
    {"referrer-policy", "no-referrer"},
};

#define FIXED_COUNT (sizeof(fixed_headers) / sizeof(fixed_headers[0]))

void respond_configure(const struct respond_settings *given)
{
    settings = *given;
    rules = (struct head_rules){.takes_options = given->cors_origin != NULL, .hosts = given->hosts};
}

const struct head_rules *respond_rules(void)
{
    return &rules;
}

static const char *header_of(struct http_request *request, const char *name)
{
    const char *value = NULL;

    return http_request_header(request, name, &value) == KORE_RESULT_OK ? value : NULL;
}

int respond_prefers_csv(struct http_request *request)
{
    return prefers_csv(header_of(request, "accept"));
}

int respond_check_access(struct http_request *request, struct answer *answer)
{
    if (request->method == HTTP_METHOD_OPTIONS) {
        answer->status = HTTP_NO_CONTENT;
        return 0;
    }
    if (!settings.token || strcmp(request->path, HEALTH_PATH) == 0 ||
        is_authorized(header_of(request, "authorization"), settings.token))
        return 1;
    answer_error(answer, HTTP_UNAUTHORIZED, "this needs the bearer token of the server");
    return 0;
}

static void add_cors(struct http_request *request)
{
    if (!settings.cors_origin)
        return;
    http_response_header(request, "access-control-allow-origin", settings.cors_origin);
    http_response_header(request, "access-control-expose-headers", "etag");
    if (request->method != HTTP_METHOD_OPTIONS)
        return;
    http_response_header(request, "access-control-allow-methods", METHODS_ALLOWED);
    http_response_header(request, "access-control-allow-headers", "authorization, if-none-match");
    http_response_header(request, "access-control-max-age", CORS_SECONDS);
}

static void add_headers(struct http_request *request, const struct answer *answer)
{
    for (size_t i = 0; i < FIXED_COUNT; i++)
        http_response_header(request, fixed_headers[i].name, fixed_headers[i].value);
    http_response_header(request, "date", kore_time_to_date(time(NULL)));
    http_response_header(request, "cache-control",
                         answer->status == HTTP_OK ? "no-cache" : "no-store");
    http_response_header(request, "vary",
                         settings.cors_origin ? "accept, accept-encoding, origin"
                                              : "accept, accept-encoding");
    add_cors(request);
    if (settings.hsts)
        http_response_header(request, "strict-transport-security", settings.hsts);
    if (answer->status == HTTP_UNAUTHORIZED)
        http_response_header(request, "www-authenticate", CHALLENGE);
    if (answer->status == HTTP_UNAVAILABLE)
        http_response_header(request, "retry-after", RETRY_SECONDS);
}

/* Adds the ETag of ANSWER. Returns whether the client already has this version. */
static int add_etag(struct http_request *request, const struct answer *answer)
{
    char etag[ETAG_CHARS];

    if (answer->status != HTTP_OK || !answer->version)
        return 0;
    etag_format(answer->version, etag);
    http_response_header(request, "etag", etag);
    return etag_matches(header_of(request, "if-none-match"), etag);
}

/* Chooses the body in an encoding that the client accepts. Returns the memory to free after
 * sending, or NULL. */
static void *encode(struct http_request *request, const struct answer *answer, const void **body,
                    size_t *size)
{
    void *packed = NULL;

    *body = answer->body;
    *size = answer->size;
    if (answer->size < GZIP_LEAST || !accepts_gzip(header_of(request, "accept-encoding")))
        return NULL;
    if (answer->gzipped) {
        *body = answer->gzipped;
        *size = answer->gzipped_size;
    } else if ((packed = gzip_compress(answer->body, answer->size, size))) {
        *body = packed;
    } else {
        return NULL;
    }
    http_response_header(request, "content-encoding", "gzip");
    return packed;
}

void respond(struct http_request *request, struct answer *answer, int (*receive)(struct netbuf *))
{
    struct connection *connection = request->owner;
    void *packed = NULL;
    const void *body = NULL;
    size_t size = 0;

    add_headers(request, answer);
    if (add_etag(request, answer)) {
        answer->status = HTTP_NOT_MODIFIED;
    } else if (answer->status != HTTP_NO_CONTENT) {
        http_response_header(request, "content-type", answer->type);
        packed = encode(request, answer, &body, &size);
    }
    if (answer->status == HTTP_NOT_MODIFIED)
        request->flags |= HTTP_REQUEST_NO_CONTENT_LENGTH;
    /* While a connection is busy, Kore does not read from it. Otherwise it would handle the next
     * request itself. */
    connection->flags |= CONN_IS_BUSY;
    http_response(request, (int)answer->status, body, size);
    connection->flags &= ~CONN_IS_BUSY;
    free(packed);
    if (connection->flags & CONN_CLOSE_EMPTY)
        return;
    connection->http_start = kore_time_ms();
    connection->http_timeout = http_header_timeout * 1000u;
    net_recv_reset(connection, http_header_max, receive);
    (void)net_recv_flush(connection);
}

int respond_stream(struct api *api, struct http_request *request)
{
    struct kore_buf *head = kore_buf_alloc(1024);
    int status;

    kore_buf_appendf(head,
                     "HTTP/1.1 200 OK\r\nserver: gapwatch\r\ndate: %s\r\nconnection: close\r\n"
                     "content-type: " STREAM_TYPE "\r\ncache-control: no-store\r\n"
                     "x-accel-buffering: no\r\n",
                     kore_time_to_date(time(NULL)));
    for (size_t i = 0; i < FIXED_COUNT; i++)
        kore_buf_appendf(head, "%s: %s\r\n", fixed_headers[i].name, fixed_headers[i].value);
    if (settings.cors_origin)
        kore_buf_appendf(head, "access-control-allow-origin: %s\r\nvary: origin\r\n",
                         settings.cors_origin);
    if (settings.hsts)
        kore_buf_appendf(head, "strict-transport-security: %s\r\n", settings.hsts);
    /* A comment makes browsers tell the page at once that the stream is open. */
    kore_buf_appendf(head, "\r\n:\n\n");
    status = streams_begin(api, request, header_of(request, "last-event-id"), head);
    kore_buf_free(head);
    return status;
}

/* Reads and discards what the client still sends. If the connection were closed at once, the
 * client's kernel would discard the refusal. */
static int discard(struct netbuf *octets)
{
    struct connection *connection = octets->owner;

    if (kore_time_ms() - connection->http_start > DISCARD_MS)
        return KORE_RESULT_ERROR;
    net_recv_reset(connection, http_header_max, discard);
    return KORE_RESULT_OK;
}

/* Ends our side of CONNECTION when everything is sent, and gives the client time to end its own. */
static void close_gently(struct connection *connection)
{
    if (!TAILQ_EMPTY(&connection->send_queue)) {
        connection->flags |= CONN_CLOSE_EMPTY;
        return;
    }
    if (!connection->ssl)
        shutdown(connection->fd, SHUT_WR);
    connection->http_start = kore_time_ms();
    connection->http_timeout = 0;
    connection->idle_timer.length = DISCARD_IDLE_MS;
    net_recv_reset(connection, http_header_max, discard);
}

void respond_refuse(struct connection *connection, const struct answer *answer)
{
    struct kore_buf *head = kore_buf_alloc(1024);

    kore_buf_appendf(
        head, "HTTP/1.1 %d %s\r\nserver: gapwatch\r\ndate: %s\r\nconnection: close\r\n",
        (int)answer->status, http_status_words(answer->status), kore_time_to_date(time(NULL)));
    for (size_t i = 0; i < FIXED_COUNT; i++)
        kore_buf_appendf(head, "%s: %s\r\n", fixed_headers[i].name, fixed_headers[i].value);
    if (answer->status == HTTP_METHOD_NOT_ALLOWED)
        kore_buf_appendf(head, "allow: " METHODS_ALLOWED "\r\n");
    kore_buf_appendf(head,
                     "cache-control: no-store\r\ncontent-type: %s\r\ncontent-length: %zu\r\n\r\n",
                     answer->type, answer->size);
    net_send_queue(connection, head->data, head->offset);
    net_send_queue(connection, answer->body, answer->size);
    kore_buf_free(head);
    if (net_send_flush(connection) == KORE_RESULT_OK)
        close_gently(connection);
    else
        kore_connection_disconnect(connection);
}
