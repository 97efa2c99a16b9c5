/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Sends an answer through Kore: access control, headers, encoding. */
#ifndef GAPWATCH_API_HTTP_RESPOND_H
#define GAPWATCH_API_HTTP_RESPOND_H

#include "api/http/answer.h"
#include "api/http/head.h"
#include "api/http/kore.h"
#include "api/routes/api.h"

/* What all requests need. */
struct respond_settings {
    const char *cors_origin; /* the other site whose pages may read answers, or NULL */
    const char *token;       /* the bearer token that clients must send, or NULL */
    const char *hosts;       /* see head.h */
    const char *hsts;        /* for how many seconds browsers must use TLS only; NULL: not said */
};

/* Sets what all requests need. The texts must stay valid. */
void respond_configure(const struct respond_settings *settings);

/* Which requests are read. */
const struct head_rules *respond_rules(void);

/* Whether the client of REQUEST prefers CSV to JSON. */
int respond_prefers_csv(struct http_request *request);

/* Whether REQUEST may be answered. If not, ANSWER is set: to an error, or to the answer of
 * OPTIONS. */
int respond_check_access(struct http_request *request, struct answer *answer);

/* Sends ANSWER. RECEIVE is then called for the next octets of the connection. */
void respond(struct http_request *request, struct answer *answer, int (*receive)(struct netbuf *));

/* Sends the head of a stream of server-sent events, and begins it. Returns 0, or -1: the database
 * cannot be read now, and nothing was sent. */
int respond_stream(struct api *api, struct http_request *request);

/* Sends ANSWER on a connection whose request was refused before Kore parsed it, and closes
 * CONNECTION. */
void respond_refuse(struct connection *connection, const struct answer *answer);

#endif
