/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Percent-encoding in URLs. */
#ifndef GAPWATCH_API_ROUTES_REQUEST_PERCENT_H
#define GAPWATCH_API_ROUTES_REQUEST_PERCENT_H

#include <stddef.h>

/*
 * Decodes percent-encoded TEXT of LENGTH octets (RFC 3986 section 2.1) to DECODED of SIZE octets,
 * with a terminator. "+" becomes PLUS: pass ' ' in a query, '+' elsewhere. Returns 0; or -1, with
 * DECODED undefined: the encoding is invalid, contains a zero octet, or is too long.
 */
int percent_decode(const char *text, size_t length, char plus, char *decoded, size_t size);

#endif
