/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A bounded string that is built step by step. What does not fit is left out. */
#ifndef GAPWATCH_BASE_TEXT_H
#define GAPWATCH_BASE_TEXT_H

#include <stddef.h>

/* Enough for the longest flow id: OpenVPN's with two bracketed IPv6 addresses and ports has 134
 * characters. */
#define FLOW_ID_CHARS 144

struct text {
    char *chars; /* the caller's buffer, always terminated */
    size_t size; /* of the buffer in octets, at least 1 */
    size_t length;
};

/* An empty text in BUFFER of SIZE octets. BUFFER must outlive the text. */
struct text text_over(char *buffer, size_t size);

/* Adds formatted text, as printf does. */
void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds COUNT characters of CHARS. */
void text_add_chars(struct text *text, const char *chars, size_t count);

/* Adds NUMBER in decimal. */
void text_add_number(struct text *text, unsigned long long number);

/* Adds the lowest DIGITS (at most 16) hexadecimal digits of NUMBER, leading zeros included. */
void text_add_hex(struct text *text, unsigned long long number, unsigned digits);

/* Adds the address OCTETS as inet_ntop of glibc prints it (RFC 5952 for IPv6). FAMILY is 4 or
 * 6. */
void text_add_address(struct text *text, unsigned family, const unsigned char *octets);

/* Adds ADDRESS:PORT, an IPv6 address in brackets (RFC 5952 section 6). FAMILY is 4 or 6. */
void text_add_endpoint(struct text *text, unsigned family, const unsigned char *octets,
                       unsigned port);

/* Whether OCTET neither starts a line nor controls the terminal. File names, names in files and
 * messages of libraries may hold any octets, and only these are shown. */
int text_is_printable(char octet);

/* Replaces the octets of TEXT that are not printable with question marks. */
void text_make_printable(char *text);

/* Returns COUNT strings joined with ", ", which the caller frees, or NULL: no memory. */
char *text_join(char *const *strings, size_t count);

#endif
