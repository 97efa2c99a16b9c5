/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The head of a request, before Kore looks at it. What Kore answers by itself has no body, and it
 * would read the bodies of methods that nothing here takes; so all of that is refused before.
 */
#ifndef GAPWATCH_API_HTTP_HEAD_H
#define GAPWATCH_API_HTTP_HEAD_H

#include "api/http/answer.h"

#define HEAD_OCTETS_MAX 8192 /* of a request line and its headers */
#define URL_OCTETS_MAX  1900 /* Kore takes no more than 1,998 */
#define HEADERS_MAX     23   /* of a request; Kore would drop further ones unseen */
#define HOST_OCTETS_MAX 200

/* The methods that are answered, for the header Allow. */
#define METHODS_ALLOWED "GET, HEAD"

/* The length of the head that TEXT of SIZE octets starts with, its empty line included; 0: it has
 * not ended yet. */
size_t head_length(const char *text, size_t size);

/* Checks the head of LENGTH octets. Returns 0, or -1 with ANSWER saying why it is refused.
 * WITH_OPTIONS: OPTIONS is answered too. */
int head_check(const char *text, size_t length, int with_options, struct answer *answer);

#endif
