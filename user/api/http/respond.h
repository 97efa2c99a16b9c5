/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Sends an answer through Kore: access control, headers, encoding. */
#ifndef GAPWATCH_API_HTTP_RESPOND_H
#define GAPWATCH_API_HTTP_RESPOND_H

#include "api/http/answer.h"
#include "api/http/kore.h"

/* Sets what all requests need. CORS_ORIGIN: the other site whose pages may read answers, or NULL.
 * TOKEN: the bearer token that clients must send, or NULL. Both must stay valid. */
void respond_configure(const char *cors_origin, const char *token);

/* Whether the method OPTIONS is answered: only with a CORS origin. */
int respond_takes_options(void);

/* Whether the client of REQUEST prefers CSV to JSON. */
int respond_prefers_csv(struct http_request *request);

/* Whether REQUEST may be answered. If not, ANSWER is set: to an error, or to the answer of
 * OPTIONS. */
int respond_check_access(struct http_request *request, struct answer *answer);

/* Sends ANSWER. RECEIVE is then called for the next octets of the connection. */
void respond(struct http_request *request, struct answer *answer, int (*receive)(struct netbuf *));

/* Sends ANSWER on a connection whose request was refused before Kore parsed it, and closes
 * CONNECTION. */
void respond_refuse(struct connection *connection, const struct answer *answer);

#endif
