/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A bounded string under construction: what does not fit is left out, never written past the end.
 */
#ifndef GAPWATCH_BASE_TEXT_H
#define GAPWATCH_BASE_TEXT_H

#include <stddef.h>

/* Long enough for the longest flow id: two bracketed IPv6 endpoints and its frame. */
#define FLOW_ID_CHARS 128

struct text {
    char *chars; /* always terminated; the caller's buffer */
    size_t size; /* of the buffer, terminator included; at least 1 */
    size_t length;
};

/* An empty text over BUFFER, which must outlive it. */
struct text text_over(char *buffer, size_t size);

void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds the COUNT characters at CHARS. */
void text_add_chars(struct text *text, const char *chars, size_t count);

/* Adds an address in the form of inet_ntop (RFC 5952 for IPv6). FAMILY is 4 or 6. */
void text_add_address(struct text *text, unsigned family, const unsigned char *octets);

/* Adds ADDRESS:PORT, an IPv6 address in brackets (RFC 5952 section 6). */
void text_add_endpoint(struct text *text, unsigned family, const unsigned char *octets,
                       unsigned port);

/* COUNT strings joined with ", ", to be freed; NULL: no memory. */
char *text_join(char *const *strings, size_t count);

#endif
