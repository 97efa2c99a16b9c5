/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Lists of protocols in the user's form. */
#ifndef GAPWATCH_OPTIONS_PROTOCOLS_H
#define GAPWATCH_OPTIONS_PROTOCOLS_H

#include <stdint.h>

#include "base/text.h"

#define PROTOCOL_LIST_CHARS 256 /* enough for protocols_list() */

/* The protocols in LIST, names separated by commas, as a set of PROTOCOL_BITs; 0 when a name is
 * unknown. */
uint32_t protocols_of(const char *list);

/* Adds the names of all protocols to TEXT. */
void protocols_list(struct text *text);

#endif
