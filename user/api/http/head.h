/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Checks the head of a request before Kore parses it. Kore's own error answers have no body, and it
 * reads bodies of methods that gapwatch does not support; these requests are refused here. */
#ifndef GAPWATCH_API_HTTP_HEAD_H
#define GAPWATCH_API_HTTP_HEAD_H

#include "api/http/answer.h"

#define HEAD_OCTETS_MAX 8192 /* of a request line and its headers */
#define URL_OCTETS_MAX  1900 /* Kore accepts 1,998 at most */
#define HEADERS_MAX     23   /* per request; Kore ignores further ones */
#define HOST_OCTETS_MAX 200

/* The supported methods, for the header Allow. */
#define METHODS_ALLOWED "GET, HEAD"

/* The length of the head at the start of TEXT of SIZE octets, including its empty line; 0: it is
 * not complete. */
size_t head_length(const char *text, size_t size);

/* Checks the head TEXT of LENGTH octets. Returns 0, or -1 with ANSWER set to an error.
 * WITH_OPTIONS: the method OPTIONS is allowed too. */
int head_check(const char *text, size_t length, int with_options, struct answer *answer);

#endif
