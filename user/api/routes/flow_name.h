/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef GAPWATCH_API_ROUTES_FLOW_NAME_H
#define GAPWATCH_API_ROUTES_FLOW_NAME_H

#include "base/text.h"

/* The two lengths to which protocols fill up their hexadecimal numbers, in digits. */
#define HEX_DIGITS_SHORT 8
#define HEX_DIGITS_LONG  16

/*
 * Writes the flow id TEXT, as somebody typed it, in the form in which it is stored, into ID of
 * FLOW_ID_CHARS: numbers as 0x and HEX_DIGITS lower-case digits, addresses in the form of
 * inet_ntop, ports and tags without leading zeros, the protocol's name and the names of parts in
 * their own letter case, one space between words. Knows no protocol, so that it need not know a new
 * one. What is none of this stays as it is.
 */
void flow_name_normalise(const char *text, unsigned hex_digits, char *id);

#endif
