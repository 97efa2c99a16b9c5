/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Reads the head of a request (RFC 9112) and writes the parts that matter in the simplest form, for
 * Kore. Kore takes fewer forms than the standard has: at most 25 headers, no empty values, no
 * absolute URLs. Its own error answers have no body, so wrong requests are refused here.
 */
#ifndef GAPWATCH_API_HTTP_HEAD_H
#define GAPWATCH_API_HTTP_HEAD_H

#include "api/answer/answer.h"
#include "base/text.h"

#define HEAD_OCTETS_MAX 32768 /* of a request line and its headers; proxies add big ones */
#define URL_OCTETS_MAX  1900  /* Kore accepts 1,998 at most */
#define HEADERS_MAX     256
#define HOST_OCTETS_MAX 200

/* The supported methods, for the header Allow. */
#define METHODS_ALLOWED "GET, HEAD"

struct head_rules {
    int takes_options; /* the method OPTIONS is allowed too */
    const char *hosts; /* only these host names, with spaces between, and the loopback addresses are
                        * answered, so that the page of another site whose name leads here gets
                        * nothing (DNS rebinding); NULL: any */
};

/* The length of the head at the start of TEXT of SIZE octets, including its empty line; 0: it is
 * not complete. */
size_t head_length(const char *text, size_t size);

/* Reads the head TEXT of LENGTH octets and writes it to CLEAN, which must have room for as many
 * octets and 256 more. Returns 0, or -1 with ANSWER set to an error. */
int head_read(const char *text, size_t length, const struct head_rules *rules, struct text *clean,
              struct answer *answer);

#endif
