/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* From an answer to what Kore sends: the headers, the encoding, who may ask. */
#ifndef GAPWATCH_API_HTTP_RESPOND_H
#define GAPWATCH_API_HTTP_RESPOND_H

#include "api/http/answer.h"
#include "api/http/kore.h"

/* CORS_ORIGIN: the site whose pages may read the answers, or NULL. TOKEN: what a client has to
 * know, or NULL. Both must outlive the server. */
void respond_configure(const char *cors_origin, const char *token);

/* Whether OPTIONS is answered, as it is for pages of another site. */
int respond_takes_options(void);

/* Whether REQUEST may be answered; if not, ANSWER says so, and it does for OPTIONS. */
int respond_check_access(struct http_request *request, struct answer *answer);

/* Sends ANSWER; what comes next on the connection is for RECEIVE. */
void respond(struct http_request *request, struct answer *answer, int (*receive)(struct netbuf *));

/* Sends ANSWER to who has not made a request that Kore understands, and closes CONNECTION. */
void respond_refuse(struct connection *connection, const struct answer *answer);

#endif
