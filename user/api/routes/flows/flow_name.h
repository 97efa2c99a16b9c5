/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Flow ids as users type them. */
#ifndef GAPWATCH_API_ROUTES_FLOWS_FLOW_NAME_H
#define GAPWATCH_API_ROUTES_FLOWS_FLOW_NAME_H

#include "base/text.h"

/* Protocols pad the hexadecimal numbers in their ids to one of these lengths, in digits. */
#define HEX_DIGITS_SHORT 8
#define HEX_DIGITS_LONG  16

/*
 * Converts TEXT, a flow id as a user typed it, to the stored form, in ID of FLOW_ID_CHARS:
 * hexadecimal numbers become 0x and HEX_DIGITS lower-case digits, addresses get the form of
 * inet_ntop, ports and tags lose leading zeros, names of protocols and parts get their usual letter
 * case, and one space separates words. Other words stay unchanged; what does not fit is left out.
 * Ids of new protocols need no new code here.
 */
void flow_name_normalise(const char *text, unsigned hex_digits, char *id);

#endif
