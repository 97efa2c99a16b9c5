/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The Kore module: Kore's hooks, and the path of a request to api_answer(). Kore returns 1 for
 * success and 0 for an error; only this file and respond.c do so too. */
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>

#include "api/http/alive.h"
#include "api/http/connections.h"
#include "api/http/ending.h"
#include "api/http/head.h"
#include "api/http/kore.h"
#include "api/http/privilege.h"
#include "api/http/reload.h"
#include "api/http/respond.h"
#include "api/http/settings.h"
#include "api/http/streams.h"
#include "api/routes/api.h"
#include "base/service.h"

KORE_HOOK void kore_parent_configure(int argc, char **argv);
KORE_HOOK void kore_parent_teardown(void);
KORE_HOOK void kore_worker_configure(void);
KORE_HOOK void kore_worker_teardown(void);
KORE_HOOK void receive(struct connection *connection);
KORE_HOOK int answer_request(struct http_request *request);

#define MEMORY_KEPT (8 << 20) /* free octets that a worker does not return to the kernel */

/* The most memory that SQLite may take in a worker: a row of a hostile database may need more, and
 * is then refused. Answers need no more than the page cache, as no query sorts a table. */
#define HEAP_BYTES_MAX (64 << 20)

#define TIDY_MS 1000

static struct api api;

/* Runs in the parent, which may be root, after the port is bound. */
void kore_parent_configure(int argc, char **argv)
{
    const char *greeting = getenv(SETTING_GREETING);

    (void)argc;
    (void)argv;
    if (getenv(SETTING_KEEP_READING) && privilege_outlive_root() < 0)
        fatal("cannot keep the right to read: %s", strerror(errno));
    reload_begin_parent();
    /* Kore's processes do not notice when their parent is killed. */
    pthread_atfork(NULL, NULL, privilege_die_with_parent);
    if (geteuid() == 0 && privilege_drop_in_parent(getenv(SETTING_KEEP_READING) != NULL) < 0)
        fatal("cannot drop privileges: %s", strerror(errno));
    if (greeting)
        fprintf(stderr, "%s\n", greeting);
    alive_begin();
    ending_begin();
    service_tell("READY=1");
}

/* Kore removes its pid file on exit. There is none, so the path must not name a file. */
void kore_parent_teardown(void)
{
    static char nowhere[] = "/nonexistent/kore.pid";

    kore_pidfile = nowhere;
}

static void tidy(void *unused, uint64_t now)
{
    (void)unused;
    (void)now;
    reader_tidy(&api.reader);
    alive_tick();
    if (reload_tick())
        streams_end();
    streams_tick(&api);
    connections_tick();
}

/* Runs in each worker, after it has dropped its privileges. */
void kore_worker_configure(void)
{
    /* Without this, each answer's memory returns to the kernel and is cleared again for the next
     * one. */
    mallopt(M_MMAP_THRESHOLD, MEMORY_KEPT);
    mallopt(M_TRIM_THRESHOLD, MEMORY_KEPT);
    sqlite3_hard_heap_limit64(HEAP_BYTES_MAX);
    api_init(&api, getenv(SETTING_DATABASE), strtoll(getenv(SETTING_METRICS_TOP), NULL, 10));
    respond_configure(&(struct respond_settings){
        .cors_origin = getenv(SETTING_CORS_ORIGIN),
        .token = reload_begin_worker(),
        .hosts = getenv(SETTING_HOSTS),
        .hsts = getenv(SETTING_HSTS),
    });
    kore_timer_add(tidy, TIDY_MS, NULL, 0);
}

void kore_worker_teardown(void)
{
    api_release(&api);
}

/* Reads the head of LENGTH octets, and replaces it by its simplest form. Returns 0, or -1 with
 * ANSWER set to an error. */
static int simplify(struct netbuf *octets, size_t length, struct answer *answer)
{
    static char chars[HEAD_OCTETS_MAX + 256];
    struct text clean = text_over(chars, sizeof(chars));

    if (head_read((char *)octets->buf, length, respond_rules(), &clean, answer) < 0)
        return -1;
    if (clean.length > octets->b_len) {
        answer_error(answer, HTTP_HEADERS_TOO_LARGE, "the headers are too long");
        return -1;
    }
    memcpy(octets->buf, clean.chars, clean.length);
    octets->s_off = clean.length;
    return 0;
}

/* Handles received octets; they may or may not hold the whole head of a request. */
static int take_octets(struct netbuf *octets)
{
    size_t length = head_length((char *)octets->buf, octets->s_off);
    struct connection *connection = octets->owner;
    int has_more = octets->s_off > length;
    struct answer answer;
    int result = KORE_RESULT_OK;

    if (!length && octets->s_off < octets->b_len)
        return KORE_RESULT_OK;
    answer_init(&answer);
    if (!length)
        answer_error(&answer, HTTP_HEADERS_TOO_LARGE, "the headers are too long");
    if (!length || simplify(octets, length, &answer) < 0) {
        respond_refuse(connection, &answer);
    } else {
        /* Kore discards what follows a head, so pipelined requests must be sent again on a new
         * connection. */
        if (has_more)
            connection->flags |= CONN_CLOSE_EMPTY;
        result = http_header_recv(octets);
    }
    answer_release(&answer);
    return result;
}

/* Called for a new connection: received octets go to take_octets() first. */
void receive(struct connection *connection)
{
    connection->state = CONN_STATE_ESTABLISHED; /* with TLS it was still in the handshake */
    connection->proto = CONN_PROTO_HTTP;
    connection->idle_timer.length = http_keepalive_time * 1000u;
    net_recv_queue(connection, http_header_max, NETBUF_CALL_CB_ALWAYS, take_octets);
    connections_begin(connection);
    connections_make_room();
    /* The end of a TLS handshake may bring the request with it, without a further event. */
    if (connection->ssl && net_recv_flush(connection) != KORE_RESULT_OK)
        kore_connection_disconnect(connection);
}

static void answer_stream_request(struct http_request *request, struct answer *answer)
{
    if (!streams_have_room())
        answer_error(answer, HTTP_UNAVAILABLE,
                     "as many clients as possible get the stream: ask again later");
    else if (respond_stream(&api, request) == 0)
        return;
    else
        answer_error(answer, HTTP_UNAVAILABLE, "the database cannot be read now");
    respond(request, answer, take_octets);
}

int answer_request(struct http_request *request)
{
    struct answer answer;

    answer_init(&answer);
    answer.takes_csv = respond_prefers_csv(request);
    if (!respond_check_access(request, &answer)) {
        respond(request, &answer, take_octets);
    } else if (streams_are_asked_for(request)) {
        answer_stream_request(request, &answer);
    } else {
        api_answer(&api, request->path, request->query_string, &answer);
        respond(request, &answer, take_octets);
    }
    answer_release(&answer);
    return KORE_RESULT_OK;
}
