/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Sends an answer through Kore: access control, headers, encoding. */
#ifndef GAPWATCH_API_HTTP_RESPOND_H
#define GAPWATCH_API_HTTP_RESPOND_H

#include "api/answer/answer.h"
#include "api/http/head.h"
#include "api/http/kore.h"
#include "api/routes/api.h"

/* Settings for all answers. The texts belong to the caller. */
struct respond_settings {
    const char *cors_origin; /* the other site whose pages may read answers, or NULL */
    const char *token;       /* the bearer token that clients must send, or NULL */
    const char *hosts;       /* see head.h */
    const char *hsts;        /* for how many seconds browsers must use TLS only; NULL: not said */
};

/* Copies SETTINGS, for all answers from now on. Their texts must stay valid. */
void respond_configure(const struct respond_settings *settings);

/* The rules that follow from the settings, for head_read(); static. */
const struct head_rules *respond_rules(void);

/* Whether the header Accept of REQUEST prefers CSV to JSON. */
int respond_prefers_csv(struct http_request *request);

/* Whether REQUEST has the token, where one is needed. If not, ANSWER, which is initialised, is set
 * to an error. OPTIONS returns 0, too, with ANSWER set to what it gets. */
int respond_check_access(struct http_request *request, struct answer *answer);

/* Sends ANSWER to REQUEST, with the headers that belong to it. Copies the body; the caller releases
 * ANSWER. Kore calls RECEIVE for the next octets of the connection, if it stays open. */
void respond(struct http_request *request, struct answer *answer, int (*receive)(struct netbuf *));

/* Sends the head of a stream of server-sent events in answer to REQUEST, and begins the stream,
 * which reads from API. There must be room for it (streams_have_room()). Returns 0, or -1: the
 * database cannot be read now, and nothing was sent. */
int respond_stream(struct api *api, struct http_request *request);

/* Sends ANSWER on CONNECTION, whose request was refused before Kore parsed it, and closes
 * CONNECTION. The caller releases ANSWER. */
void respond_refuse(struct connection *connection, const struct answer *answer);

#endif
