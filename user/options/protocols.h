/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Lists of protocols, as users write them. */
#ifndef GAPWATCH_OPTIONS_PROTOCOLS_H
#define GAPWATCH_OPTIONS_PROTOCOLS_H

#include <stdint.h>

#include "base/text.h"

#define PROTOCOL_LIST_CHARS 256 /* what protocols_list() adds fits into so many */

/* The protocols that LIST names, separated by commas, as a set of PROTOCOL_BITs; 0: one of the
 * names is that of no protocol. */
uint32_t protocols_of(const char *list);

/* Adds the names of all protocols to TEXT. */
void protocols_list(struct text *text);

#endif
