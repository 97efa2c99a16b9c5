/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef GAPWATCH_API_HTTP_PERCENT_H
#define GAPWATCH_API_HTTP_PERCENT_H

#include <stddef.h>

/* Decodes LENGTH octets of percent-encoded TEXT (RFC 3986 section 2.1) into DECODED of SIZE octets,
 * terminated; PLUS stands for "+", which is a space in a query. Returns 0, or -1: an encoding that
 * is wrong or means an octet of zero, or too long. */
int percent_decode(const char *text, size_t length, char plus, char *decoded, size_t size);

#endif
